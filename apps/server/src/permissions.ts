import { rolePermissions } from '@plinth/identity/module';

/** What the product itself may do when no person asks: a subscription or a job that calls another module. */
export const everyPermission: ReadonlySet<string> = new Set(
  Object.values(rolePermissions).flatMap((permissions) => [...permissions]),
);
