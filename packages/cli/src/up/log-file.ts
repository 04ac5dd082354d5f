import { createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { createLog, type JsonLog } from '@plinth/core';

const fileBytesMax = 64 * 1_048_576;

export interface OpenLog {
  readonly log: JsonLog;
  /** Undefined: standard output. */
  readonly path: string | undefined;
}

/** On a terminal the log goes to a file, since a person reads the screen; elsewhere to standard output. */
export async function openLog(folder: string, interactive: boolean): Promise<OpenLog> {
  if (!interactive) return { log: createLog({ level: 'info' }), path: undefined };
  const path = join(folder, 'plinth.log');
  const size = await stat(path).then(
    ({ size: bytes }) => bytes,
    () => 0,
  );
  if (size > fileBytesMax) await rename(path, `${path}.1`);
  const destination = createWriteStream(path, { flags: 'a', mode: 0o600 });
  return { log: createLog({ level: 'info', destination }), path };
}
