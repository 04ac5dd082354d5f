import type { Chassis } from './chassis.ts';
import type { Exchange } from './exchange.ts';
import type { Parts } from './input-mapping.ts';
import type { OperationRoute } from './compile-route.ts';
import { runOperation } from './operation-route.ts';
import type { UploadRules } from './uploads.ts';

/**
 * Takes the file first, then runs the operation with its key in `blob` and its name in `fileName`. What fails
 * leaves no file behind.
 */
export async function runUpload(
  chassis: Chassis & { readonly uploads: NonNullable<Chassis['uploads']> },
  route: OperationRoute,
  exchange: Exchange,
  { parts, rules }: { readonly parts: Parts; readonly rules: UploadRules },
): Promise<void> {
  // Asked before a byte is taken: who may not upload does not fill the store.
  const caller = await chassis.gate.admit(exchange, route.operation.permission);
  const uploaded = await chassis.uploads.receive(exchange, caller.tenant, rules);
  exchange.step = 'run';
  const { mapping } = route;
  const { key: blob, fileName } = uploaded;
  const withFile: OperationRoute = {
    ...route,
    // A name in the query is the one that its sender chose; a form brings its own.
    mapping: {
      ...mapping,
      read: (from) => ({
        ...(fileName === undefined ? {} : { fileName }),
        ...mapping.read(from),
        blob,
      }),
    },
  };
  try {
    await runOperation(chassis, withFile, exchange, parts);
  } catch (error) {
    await chassis.uploads.discard(uploaded);
    throw error;
  }
}
