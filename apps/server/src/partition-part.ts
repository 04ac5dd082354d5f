import { auditPartitions } from '@plinth/audit/module';
import type { Part } from '@plinth/core';
import { startPartitionUpkeep, startWriteKeyUpkeep } from '@plinth/postgres';

import type { Chassis } from './chassis.ts';

/** More than a month of the trail of ten thousand tenants. */
const archiveBytesMax = 64 * 1024 ** 3;

/** Makes months ahead; what is past its time goes into the blob store as lines of JSON, used write keys go for good. */
export function partitionPart({ database, blobs, clock, log }: Chassis): Part {
  const ends: (() => Promise<void>)[] = [];
  return {
    name: 'partitions',
    needs: ['database'],
    async start() {
      const upkeep = startPartitionUpkeep({
        database,
        clock,
        log,
        tables: [auditPartitions],
        async archive(name, lines) {
          const key = `_/archive/${name}.jsonl`;
          const type = 'application/x-ndjson';
          await blobs.put(key, lines, { tenant: '_', type, bytesMax: archiveBytesMax });
          return key;
        },
      });
      ends.push(upkeep.stop, startWriteKeyUpkeep({ database, clock, log }).stop);
    },
    async stop() {
      for (const end of ends) await end();
    },
  };
}
