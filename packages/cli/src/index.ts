export type {
  Account,
  Application,
  DatabaseUrls,
  Running,
  SeedOptions,
  SeedReport,
  StartOptions,
} from './application.ts';
export { main } from './main.ts';
export { readMasterKey } from './up/data-folder.ts';
