import { runningProcesses, type OpsFile } from '@plinth/cli';
import type { Clock, HealthReport } from '@plinth/core';
import { SeriesWindow, type Frames } from '@plinth/telemetry/reader';
import type { FinishedSpan } from '@plinth/telemetry';

import type { Span, Spans } from './answers.ts';

const everyMs = 5_000;
/** A process that needs longer is silent; nobody else waits for it. */
const answerMs = 1_000;
const bytesMax = 4 * 1_048_576;
const framesMax = 180;
const heldMs = 900_000;

export interface Watched {
  readonly run: OpsFile;
  readonly state: 'live' | 'silent' | 'ended';
  readonly heardAt: number;
  readonly frames: Frames | undefined;
  readonly checks: readonly HealthReport[];
}

/** Asks each process on the data folder what it does, every 5 s: nothing but their own ops listeners is needed. */
export class Watch {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #known = new Map<string, Watched>();
  #cancel: (() => void) | undefined;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    await this.look();
    this.#cancel = this.#clock.every(everyMs, () => this.look());
  }

  stop(): void {
    this.#cancel?.();
  }

  get processes(): readonly Watched[] {
    return [...this.#known.values()];
  }

  /** What they said last; a process that ended keeps its last 15 minutes. */
  get windows(): SeriesWindow[] {
    return this.processes.flatMap(({ run: { instance, role }, frames }) =>
      frames === undefined ? [] : [new SeriesWindow(frames, { instance, role })],
    );
  }

  async look(): Promise<void> {
    const running = await runningProcesses(this.#folder);
    await Promise.all(running.map((run) => this.#hear(run)));
    const now = this.#clock.now();
    for (const [name, one] of this.#known) {
      if (running.some(({ instance }) => instance === name)) continue;
      if (now - one.heardAt > heldMs) this.#known.delete(name);
      else this.#known.set(name, { ...one, state: 'ended', checks: [] });
    }
  }

  async #hear(run: OpsFile): Promise<void> {
    const before = this.#known.get(run.instance);
    try {
      const since = before?.run.pid === run.pid ? (before.frames?.frames.at(-1)?.seq ?? 0) : 0;
      const [frames, checks] = await Promise.all([
        ask<Frames>(run, `frames?since=${since}`),
        ask<HealthReport[]>(run, 'health'),
      ]);
      const heardAt = this.#clock.now();
      const joined = join(before?.frames, frames);
      this.#known.set(run.instance, { run, state: 'live', heardAt, frames: joined, checks });
    } catch {
      const rest = before ?? { heardAt: 0, frames: undefined, checks: [] };
      this.#known.set(run.instance, { ...rest, run, state: 'silent' });
    }
  }

  /** Spans of one trace, or the beginnings of the slowest, of all that answer. */
  async spans(id?: string): Promise<Spans> {
    const path = id === undefined ? 'traces' : `traces?id=${encodeURIComponent(id)}`;
    const live = this.processes.filter(({ state }) => state !== 'ended');
    const answers = await Promise.all(
      live.map(async ({ run }) => {
        try {
          const { items } = await ask<{ readonly items: readonly FinishedSpan[] }>(run, path);
          return items.map(({ parentId, ...span }): Span => {
            const parent = parentId === undefined ? {} : { parentId };
            return { ...span, ...parent, instance: run.instance };
          });
        } catch {
          return undefined;
        }
      }),
    );
    const given = answers.filter((one) => one !== undefined);
    const asOf = Math.max(0, ...this.processes.map(({ heardAt }) => heardAt));
    return { asOf, items: given.flat(), answered: given.length, asked: live.length };
  }
}

/** Another epoch is another life of the process: its ids mean other series. */
function join(before: Frames | undefined, after: Frames): Frames {
  if (before === undefined || before.epoch !== after.epoch) return after;
  const last = before.frames.at(-1)?.seq ?? 0;
  const frames = [...before.frames, ...after.frames.filter(({ seq }) => seq > last)];
  return { ...after, frames: frames.slice(-framesMax) };
}

async function ask<answer>({ url }: OpsFile, path: string): Promise<answer> {
  const response = await fetch(`${url}/ops/v1/${path}`, { signal: AbortSignal.timeout(answerMs) });
  if (!response.ok) throw new TypeError(`${path} answered ${response.status}.`);
  const text = await response.text();
  if (text.length > bytesMax) throw new TypeError(`${path} answered with over 4 MiB.`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same version's own listener, on this machine
  return JSON.parse(text) as answer;
}
