export { cacheConfig, cacheOptionsOf } from './config.ts';
export { connectRedis, type ConnectOptions } from './connect-redis.ts';
export type { Address, RedisPlace } from './place.ts';
