export {
  createRedisBackplane,
  type RedisBackplaneNeeds,
  type RedisClient,
} from './redis-backplane.ts';
