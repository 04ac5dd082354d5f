export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** What a step of a scenario asks, as data: `{draw}` and `{saved}` in paths and bodies are filled in. */
export interface Step {
  readonly name: string;
  /** As the server's metrics name it: `/v1/invoices/:id`. */
  readonly route: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expect: readonly number[];
  readonly class: 'read' | 'write' | 'report';
  /** Name → JSON pointer into the answer's body, for later steps. */
  readonly save?: Readonly<Record<string, string>>;
  /** Commands carry a fresh idempotency key. */
  readonly keyed?: true;
}

export interface Scenario {
  readonly name: string;
  /** Share of the arrivals; the sum is free. */
  readonly weight: number;
  readonly steps: readonly Step[];
}

/** Something to draw: an id of a list, a word to search for. */
export interface DataSet {
  readonly name: string;
  /** Filled before the clock starts, from this list. */
  readonly from:
    | { readonly path: string; readonly pointer: string; readonly pages: number }
    | readonly string[];
}

export interface Mix {
  readonly name: string;
  readonly data: readonly DataSet[];
  readonly scenarios: readonly Scenario[];
}

const writesMin = 0.25;

/** @throws {TypeError} for a mix of reads alone: it never invalidates a cache. */
export function checkMix({ scenarios }: Mix): void {
  let all = 0;
  let writes = 0;
  for (const { weight, steps } of scenarios) {
    all += weight * steps.length;
    writes += weight * steps.filter((step) => step.class === 'write').length;
  }
  if (writes / all < writesMin) {
    const share = Math.round((100 * writes) / all);
    throw new TypeError(`${share} % of the requests write, at least ${100 * writesMin} % must.`);
  }
}

/** Fills `{name}` in every text of a value; a text that is nothing but `{name}` takes the value's own type. */
export function fill(template: Json, values: ReadonlyMap<string, Json>): Json {
  if (typeof template === 'string') {
    const whole = /^\{(\w+)\}$/u.exec(template)?.[1];
    if (whole !== undefined) return values.get(whole) ?? template;
    return fillText(template, values);
  }
  if (Array.isArray(template)) return template.map((part: Json) => fill(part, values));
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(
      Object.entries(template).map(([key, value]) => [key, fill(value, values)]),
    );
  }
  return template;
}

export function fillText(template: string, values: ReadonlyMap<string, Json>): string {
  return template.replaceAll(/\{(\w+)\}/gu, (text, name: string) => {
    const value = values.get(name);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : text;
  });
}

/** RFC 6901; `/items/*\/id` collects over an array. */
export function pick(value: unknown, pointer: string): Json[] {
  let found: unknown[] = [value];
  for (const part of pointer.split('/').slice(1)) {
    found = found.flatMap((item): unknown[] => {
      if (part === '*') return Array.isArray(item) ? item : [];
      if (typeof item !== 'object' || item === null || !(part in item)) return [];
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the line above has seen the key
      return [(item as Record<string, unknown>)[part]];
    });
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parts of a parsed JSON text
  return found as Json[];
}
