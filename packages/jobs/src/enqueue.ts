import { Problem, type NewId } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { bandOf } from './bands.ts';
import type { Json } from '@plinth/core';
import type { Meta } from './codecs.ts';
import * as table from './enqueue-table.ts';
import { noTenant } from './hub.ts';
import type { EnqueueOptions, JobContract } from './jobs.ts';

const inputBytesMax = 65_536;
const manyMax = 10_000;
const attemptsDefault = 5;
const keepDoneMsDefault = 86_400_000;
const keepDeadMsDefault = 30 * 86_400_000;
/** An insert that met a key which had gone when it was looked for. */
const triesMax = 3;

type Contract = JobContract<unknown>;

/** @returns whether a new job was made; else the one that has the key. */
export async function enqueueOne(
  tx: Transaction,
  contract: Contract,
  rawInput: unknown,
  options: EnqueueOptions & { readonly newId: NewId },
): Promise<{ id: string; created: boolean }> {
  const input = parseInput(contract, rawInput);
  const uniq = options.unique ?? contract.unique?.key(input) ?? null;
  const job = { ...commonOf(tx, contract, options), id: options.newId(), uniq, input };
  if (uniq === null) {
    await tx.run(table.insertJob, job);
    return { id: job.id, created: true };
  }
  const key = { name: job.name, tenant: job.tenant, uniq };
  const scope = contract.unique?.scope ?? 'active';
  if (typeof scope === 'object') {
    const taken = await tx.maybe(table.takeUnique, { ...key, forMs: scope.forMs, id: job.id });
    if (taken === undefined) return meetConflict(tx, contract, { ...job, ...key });
  }
  for (let tries = 0; tries < triesMax; tries += 1) {
    if ((await tx.run(table.insertJob, job)) === 1) return { id: job.id, created: true };
    const met = await findConflict(tx, contract, { ...job, ...key });
    if (met !== undefined) return met;
  }
  throw duplicate(contract);
}

/** @returns the ids of those that were made. */
export async function enqueueAll(
  tx: Transaction,
  contract: Contract,
  rawInputs: readonly unknown[],
  options: Omit<EnqueueOptions, 'unique'> & { readonly newId: NewId },
): Promise<{ ids: string[]; skipped: number }> {
  if (rawInputs.length > manyMax) {
    throw new Problem(`One call enqueues at most ${manyMax} jobs.`, {
      code: 'jobs.bad_input',
      kind: 'invalid',
    });
  }
  if (rawInputs.length === 0) return { ids: [], skipped: 0 };
  const inputs = rawInputs.map((input) => parseInput(contract, input));
  const rows = await tx.many(table.insertJobs, {
    ...commonOf(tx, contract, options),
    ids: inputs.map(() => options.newId()),
    inputs,
    uniqs: inputs.map((input) => contract.unique?.key(input) ?? null),
  });
  return { ids: rows.map(({ id }) => id), skipped: rawInputs.length - rows.length };
}

function commonOf(tx: Transaction, contract: Contract, options: EnqueueOptions) {
  const { tenant } = tx.context;
  const priority = options.priority ?? contract.priority ?? 'normal';
  return {
    queue: contract.queue ?? 'default',
    tenant: tenant === 'none' ? noTenant : tenant,
    band: bandOf[priority],
    name: contract.name,
    runAt: options.runAt === undefined ? null : new Date(options.runAt),
    attemptsMax: contract.attempts ?? attemptsDefault,
    isUniqQueued: contract.unique?.scope === 'queued',
    meta: metaOf(tx, contract),
  };
}

function metaOf({ context }: Transaction, contract: Contract): Meta {
  const { actor, traceparent = null, reqId = null } = context;
  return {
    actor: {
      kind: actor?.kind ?? 'system',
      id: actor?.id ?? 'jobs',
      permissions: [...(actor?.permissions ?? [])],
    },
    traceparent,
    reqId,
    keepDoneMs: contract.keepDoneMs ?? keepDoneMsDefault,
    keepDeadMs: contract.keepDeadMs ?? keepDeadMsDefault,
  };
}

/** @throws {Problem} `jobs.bad_input`. */
function parseInput({ name, input: schema }: Contract, raw: unknown): Json {
  const { success, data, error } = schema.safeParse(raw);
  if (!success) throw badInput(`The input of ${name} does not fit.`, error);
  const text: unknown = JSON.stringify(data);
  if (typeof text !== 'string') throw badInput(`The input of ${name} is no JSON.`);
  if (Buffer.byteLength(text) > inputBytesMax) {
    throw badInput(`The input of ${name} has more than ${inputBytesMax} bytes.`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.stringify gave a text for it
  return data as Json;
}

interface Wanted {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly uniq: string;
  readonly input: Json;
  readonly runAt: Date | null;
}

/** The key is taken for a time, whether or not its job still waits. */
async function meetConflict(
  tx: Transaction,
  contract: Contract,
  wanted: Wanted,
): Promise<{ id: string; created: boolean }> {
  const met = await findConflict(tx, contract, wanted);
  const taken = met ?? (await tx.maybe(table.findTaken, wanted));
  if (taken === undefined) throw duplicate(contract);
  return { id: 'job' in taken ? taken.job : taken.id, created: false };
}

async function findConflict(
  tx: Transaction,
  contract: Contract,
  wanted: Wanted,
): Promise<{ id: string; created: false } | undefined> {
  const onConflict = contract.unique?.onConflict ?? 'skip';
  if (onConflict === 'error') throw duplicate(contract);
  if (onConflict === 'replace') {
    const replaced = await tx.maybe(table.replaceWaiting, wanted);
    if (replaced !== undefined) return { id: replaced.id, created: false };
  }
  const found = await tx.maybe(table.findUnique, wanted);
  return found === undefined ? undefined : { id: found.id, created: false };
}

function badInput(message: string, cause?: unknown): Problem {
  return new Problem(message, { code: 'jobs.bad_input', kind: 'invalid', cause });
}

function duplicate({ name }: Contract): Problem {
  return new Problem(`Such a job is there already: ${name}.`, {
    code: 'jobs.duplicate',
    kind: 'conflict',
  });
}
