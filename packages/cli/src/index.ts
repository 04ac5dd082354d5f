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
export { dataFolderOf, readMasterKey, runningProcesses, type OpsFile } from './up/data-folder.ts';
