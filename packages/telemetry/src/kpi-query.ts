/** A duration as Prometheus writes it. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;
export type LabelValues = readonly string[] | RegExp;

/** The series of a metric: all, or those whose labels have these values. A RegExp matches the whole value. */
export interface Selector {
  readonly metric: string;
  readonly where?: Readonly<Record<string, LabelValues>>;
}

/** What is asked of the metrics, as a value: it compiles to PromQL and runs over a process's own numbers. */
export type Query =
  | { readonly kind: 'rate'; readonly of: Selector; readonly by: readonly string[] }
  | { readonly kind: 'increase'; readonly of: Selector }
  | {
      readonly kind: 'gauge';
      readonly of: Selector;
      readonly aggregate: 'max' | 'min' | 'sum' | 'avg';
      readonly by: readonly string[];
    }
  | {
      readonly kind: 'quantile';
      readonly q: number;
      readonly of: Selector;
      readonly by: readonly string[];
    }
  | { readonly kind: 'share'; readonly of: Selector; readonly good: Good }
  | { readonly kind: 'ratio'; readonly of: Query; readonly to: Query }
  | { readonly kind: 'mean'; readonly of: Selector }
  | { readonly kind: 'time'; readonly of: Selector; readonly by: readonly string[] }
  | { readonly kind: 'add'; readonly of: Query; readonly more: Query }
  | { readonly kind: 'sub'; readonly of: Query; readonly less: Query }
  | { readonly kind: 'named'; readonly rule: string };

/** Observations of at most `le`, a bound of the histogram; or requests whose status is not such. */
export type Good = { readonly le: number } | { readonly notStatus: RegExp };

export function rate(of: Selector, by: readonly string[] = []): Query {
  return { kind: 'rate', of, by };
}
export function increase(of: Selector): Query {
  return { kind: 'increase', of };
}
export function gauge(
  of: Selector,
  aggregate: 'max' | 'min' | 'sum' | 'avg',
  by: readonly string[] = [],
): Query {
  return { kind: 'gauge', of, aggregate, by };
}
/** @param q 0 to 1. */
export function quantile(q: number, of: Selector, by: readonly string[] = []): Query {
  return { kind: 'quantile', q, of, by };
}
export function share(of: Selector, good: Good): Query {
  return { kind: 'share', of, good };
}
/** No data where the second is 0. */
export function ratio(of: Query, to: Query): Query {
  return { kind: 'ratio', of, to };
}
export function mean(of: Selector): Query {
  return { kind: 'mean', of };
}
/** What a histogram's observations add up to, per second: the part of the time that went there. */
export function time(of: Selector, by: readonly string[] = []): Query {
  return { kind: 'time', of, by };
}
export function add(of: Query, more: Query): Query {
  return { kind: 'add', of, more };
}
export function sub(of: Query, less: Query): Query {
  return { kind: 'sub', of, less };
}
/** @param rule one of `recordingRules`. */
export function named(rule: string): Query {
  return { kind: 'named', rule };
}

/** Rules whose expressions are rendered for Prometheus, with the labels by which each is grouped. */
export const recordingRules: Readonly<Record<string, readonly string[]>> = {
  'plinth:http_requests:rate10m': [],
  'plinth:http_requests:baseline': [],
  'plinth:http_requests:drop': [],
  'plinth:machine_cpu:ratio': ['machine'],
  'plinth:machine_memory_available:ratio': ['machine'],
  'plinth:machine_disk_busy:ratio': ['machine', 'device'],
  'plinth:gc_time:ratio': ['instance'],
  'plinth:db_pool_used:ratio': ['instance', 'db_client_connection_pool_name'],
  'plinth:db_replication_lag:seconds': ['host'],
  'plinth:redis_memory:ratio': ['redis'],
  'plinth:cache_hit:ratio': ['region'],
};
