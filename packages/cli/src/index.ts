export type {
  AddedCompany,
  CompanyOptions,
  Account,
  Application,
  DatabaseUrls,
  Running,
  SeedOptions,
  SeedReport,
  StartOptions,
} from './application.ts';
export { CommandFailure, exitCodes } from './exit.ts';
export { main } from './main.ts';
export { readMasterKey } from './up/data-folder.ts';
