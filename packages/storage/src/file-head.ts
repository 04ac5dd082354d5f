import type { FileHandle } from 'node:fs/promises';

import { z } from '@plinth/core/z';

/** Each file begins with so many bytes about itself; the content follows. */
export const headBytes = 512;

export const FileHead = z.object({
  type: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  expiresAt: z.number().nullable(),
});
export type FileHead = z.output<typeof FileHead>;

export function formatHead(head: FileHead): Buffer {
  return Buffer.from(JSON.stringify(head).padEnd(headBytes));
}

/** @throws when the file was not written by this driver. */
export async function readHead(file: FileHandle): Promise<FileHead> {
  const head = Buffer.alloc(headBytes);
  await file.read(head, 0, headBytes, 0);
  return FileHead.parse(JSON.parse(head.toString()));
}
