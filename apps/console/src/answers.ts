/** What the console's server answers its page: data alone, so that both sides compile against it. */

export type LampState = 'ok' | 'warning' | 'critical' | 'no data';
export type Unit = 's' | 'ratio';
export type Bound = { readonly above: number } | { readonly below: number };

export interface Lamp {
  readonly name: string;
  readonly of: string;
  readonly value: number | null;
  readonly unit: Unit;
  readonly warn: Bound;
  readonly critical: Bound;
  readonly state: LampState;
  /** What it becomes if it stays so. */
  readonly becomes: LampState | null;
  readonly alert: string;
  /** Which of several: a pool, a process. */
  readonly where: string;
  /** The last 15 minutes, a value each 30 s; null is a gap. */
  readonly course: readonly (number | null)[];
}

export interface Gate {
  readonly name: string;
  readonly value: number | null;
  readonly limit: Bound;
  readonly unit: Unit;
  readonly state: 'kept' | 'broken' | 'no data';
}

export interface Route {
  readonly route: string;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly errors: number;
}

export interface Check {
  readonly name: string;
  readonly severity: string;
  readonly state: string;
  readonly sinceMs: number;
  readonly error?: string;
}

export interface ProcessRow {
  readonly instance: string;
  readonly role: string;
  readonly pid: number;
  /** `silent`: it runs and does not answer; `ended`: it runs no more. */
  readonly state: 'live' | 'silent' | 'ended';
  /** Of its last answer, milliseconds since the Unix epoch; 0: never. */
  readonly heardAt: number;
  readonly version: string;
  readonly figures: {
    readonly perSecond: number | null;
    /** Parts of 1, of one core. */
    readonly cpu: number | null;
    readonly memoryBytes: number | null;
    readonly heapBytes: number | null;
    /** Seconds. */
    readonly loopDelay: number | null;
    readonly gc: number | null;
  };
  readonly checks: readonly Check[];
}

export interface Overview {
  readonly at: number;
  /** End of the last frame that any process gave; 0 without one. */
  readonly asOf: number;
  readonly processes: readonly ProcessRow[];
  readonly lamps: readonly Lamp[];
  readonly gates: readonly Gate[];
  readonly routes: readonly Route[];
  readonly perSecond: readonly (number | null)[];
}

export interface Pool {
  readonly pool: string;
  readonly used: number | null;
  readonly idle: number | null;
  readonly max: number | null;
  readonly waiting: number | null;
  readonly waitP99: number | null;
}

export interface Statement {
  readonly statement: string;
  readonly share: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly count: number;
}

export interface Named {
  readonly name: string;
  readonly value: number;
}

export interface Database {
  readonly asOf: number;
  readonly pools: readonly Pool[];
  readonly statements: readonly Statement[];
  /** Seconds behind the primary. */
  readonly replicas: readonly Named[];
  /** Reads in 15 minutes, by where they went. */
  readonly reads: readonly Named[];
  readonly retries: readonly Named[];
}

export interface Subscription {
  readonly name: string;
  readonly pending: number | null;
  readonly lag: number | null;
  readonly dead: number;
  readonly handledP95: number | null;
}

export interface Queue {
  readonly name: string;
  readonly ready: number | null;
  readonly oldest: number | null;
}

export interface Job {
  readonly name: string;
  readonly perMinute: number;
  readonly p95: number | null;
  readonly dead: number;
}

export interface Messages {
  readonly asOf: number;
  readonly outbox: { readonly lag: number | null; readonly pending: number | null };
  readonly subscriptions: readonly Subscription[];
  readonly queues: readonly Queue[];
  readonly jobs: readonly Job[];
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly name: string;
  readonly startedAt: number;
  readonly tookMs: number;
  readonly outcome: 'ok' | 'problem' | 'error';
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly instance: string;
}

export interface Spans {
  /** When a process was last heard, milliseconds since the Unix epoch; 0: none ever. */
  readonly asOf: number;
  readonly items: readonly Span[];
  /** How many of the processes answered. */
  readonly answered: number;
  readonly asked: number;
}
