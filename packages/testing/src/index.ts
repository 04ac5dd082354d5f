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
export { startProcess, type Proc, type ProcessOptions } from './process.ts';
export { testCtx, type CtxOptions } from './test-ctx.ts';
