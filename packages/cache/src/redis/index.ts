export { cacheConfig, cacheOptionsOf, redisConnectionsOf } from './config.ts';
export { connectRedis, type ConnectOptions } from './connect-redis.ts';
export type { Address, RedisPlace } from './place.ts';
