export { createCluster, type Cluster, type ClusterOptions } from './cluster.ts';
export { browser, findChromium, type BrowserOptions } from './browser.ts';
export {
  cloneDatabase,
  openDatabase,
  type CloneOptions,
  type DatabaseClone,
  type OpenOptions,
} from './database-clone.ts';
export { eventually } from './eventually.ts';
export { fakeClock, type FakeClock } from './fake-clock.ts';
export { faultProxy, type Proxy } from './fault-proxy.ts';
export { startPgBouncer, type PgBouncer, type PgBouncerOptions } from './pgbouncer.ts';
export { startProcess, type Proc, type ProcessOptions } from './process.ts';
export { startRedis, type Owner, type RedisServer } from './redis.ts';
export {
  startCluster,
  startSentinels,
  type RedisCluster,
  type RedisSentinels,
} from './redis-groups.ts';
export { testCtx, type CtxOptions } from './test-ctx.ts';
