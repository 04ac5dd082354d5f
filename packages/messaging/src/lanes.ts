import type { Inbound } from './delivery-table.ts';

/** One key: its events run one after another, or wait behind one that failed. */
export interface Lane {
  readonly name: string;
  isRunning: boolean;
  isBlocked: boolean;
  /** To be put behind the failed one, in the table. */
  readonly waiting: Inbound[];
}

/** The lanes of one part that something runs in or waits in. */
export class Lanes {
  readonly #all = new Map<string, Lane>();

  of(name: string): Lane {
    const known = this.#all.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { name, isRunning: false, isBlocked: false, waiting: [] };
    this.#all.set(name, lane);
    return lane;
  }

  get all(): readonly Lane[] {
    return [...this.#all.values()];
  }

  forget(lane: Lane): void {
    if (this.#all.get(lane.name) === lane) this.#all.delete(lane.name);
  }

  clear(): void {
    this.#all.clear();
  }
}

interface Taken {
  /** To be run, of one tenant, in order for each lane. */
  readonly unit: readonly Inbound[];
  readonly rest: Inbound[];
  /** Behind a failed one. */
  readonly behind: readonly Inbound[];
}

/** The first events whose lanes are free. */
export function takeUnit(queue: readonly Inbound[], lanes: Lanes, rowsMax: number): Taken {
  const unit: Inbound[] = [];
  const rest: Inbound[] = [];
  const behind: Inbound[] = [];
  const passed = new Set<string>();
  for (const row of queue) {
    const lane = lanes.of(row.lane);
    const isFull = unit.length >= rowsMax;
    const isOthers = unit[0] !== undefined && unit[0].tenant !== row.tenant;
    if (lane.isBlocked) {
      behind.push(row);
    } else if (isFull || isOthers || lane.isRunning || passed.has(row.lane)) {
      rest.push(row);
      passed.add(row.lane);
    } else {
      unit.push(row);
    }
  }
  return { unit, rest, behind };
}
