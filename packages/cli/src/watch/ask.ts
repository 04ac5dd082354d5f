import type { FinishedSpan } from '@plinth/telemetry';
import { SeriesWindow, type Frames } from '@plinth/telemetry/reader';

import { loadProject, type Application } from '../application.ts';
import type { CommandContext } from '../command.ts';
import { CommandFailure, exitCodes } from '../exit.ts';
import { dataFolderOf, runningProcesses, type OpsFile } from '../up/data-folder.ts';

export interface Watched {
  readonly application: Application;
  readonly processes: readonly OpsFile[];
}

const answerMs = 5_000;

/** @throws {CommandFailure} `missing` where nothing runs. */
export async function watched({ folder, environment }: CommandContext): Promise<Watched> {
  const { root, application } = await loadProject(folder);
  const processes = await runningProcesses(dataFolderOf(root, environment));
  if (processes.length > 0) return { application, processes };
  throw new CommandFailure('Nothing runs here.', exitCodes.missing, 'plinth up --foreground');
}

/** The series of each process: those that do not answer in 5 s are left out, and told. */
export async function readWindows(
  { processes }: Watched,
  { terminal }: CommandContext,
): Promise<SeriesWindow[]> {
  const windows = await Promise.all(
    processes.map(async (one) => {
      try {
        const { instance, role } = one;
        return [new SeriesWindow(await ask<Frames>(one, 'frames'), { instance, role })];
      } catch {
        terminal.err(`${one.instance} does not answer.\n`);
        return [];
      }
    }),
  );
  return windows.flat();
}

/** What a process says of itself, as far as its commands use it. */
export interface Introspection {
  readonly cache: {
    readonly entries: number;
    readonly bytes: number;
    readonly hits: number;
    readonly hitsL2: number;
    readonly misses: number;
    readonly evictions: number;
    readonly discarded: number;
  };
}

/** Those that do not answer in 5 s are left out, and told. */
export async function introspect(
  { processes }: Watched,
  { terminal }: CommandContext,
): Promise<{ readonly instance: string; readonly answer: Introspection }[]> {
  const answers = await Promise.all(
    processes.map(async (one) => {
      try {
        const answer = await ask<Introspection>(one, 'introspect');
        return [{ instance: one.instance, answer }];
      } catch {
        terminal.err(`${one.instance} does not answer.\n`);
        return [];
      }
    }),
  );
  return answers.flat();
}

/** Spans of one trace, or the beginnings of the slowest. */
export async function readSpans({ processes }: Watched, id?: string): Promise<FinishedSpan[]> {
  const path = id === undefined ? 'traces' : `traces?id=${encodeURIComponent(id)}`;
  const answers = await Promise.all(
    processes.map((one) => ask<{ readonly items: FinishedSpan[] }>(one, path)),
  );
  return answers.flatMap(({ items }) => items);
}

async function ask<answer>({ url }: OpsFile, path: string): Promise<answer> {
  const response = await fetch(`${url}/ops/v1/${path}`, { signal: AbortSignal.timeout(answerMs) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}.`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same version's own listener, on this machine
  return (await response.json()) as answer;
}

/** `12.3 ms`, `1.24 s` */
export function seconds(value: number): string {
  return value < 1 ? `${(value * 1_000).toFixed(1)} ms` : `${value.toFixed(2)} s`;
}

/** Columns as wide as their widest; figures stand at the end. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const isFigure = (at: number) => rows.every((row) => /^[\d.,<>–-]/u.test(row[at] ?? ''));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) =>
        isFigure(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
}
