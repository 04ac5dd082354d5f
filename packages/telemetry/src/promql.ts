import { catalogue } from './catalogue.ts';
import type { Duration, Good, LabelValues, Query, Selector } from './kpi-query.ts';

/** The query as Prometheus is asked for it, over a window: the same answer as `evaluate` gives over frames. */
export function toPromql(query: Query, window: Duration): string {
  if (query.kind === 'named') return query.rule;
  if (query.kind === 'ratio') return ratioOf(query, window);
  if (query.kind === 'add')
    return `(${toPromql(query.of, window)} + ${toPromql(query.more, window)})`;
  if (query.kind === 'sub')
    return `(${toPromql(query.of, window)} - ${toPromql(query.less, window)})`;
  if (query.kind === 'gauge') return `${query.aggregate}${by(query.by)} (${selector(query.of)})`;
  if (query.kind === 'share') return shareOf(query.of, query.good, window);
  return ofCounts(query, window);
}

type OfCounts = Extract<
  Query,
  { readonly kind: 'quantile' | 'rate' | 'time' | 'increase' | 'mean' }
>;

function ofCounts(query: OfCounts, window: Duration): string {
  const rateOf = (text: string) => `rate(${text}[${window}])`;
  const sums = rateOf(selector(query.of, '_sum'));
  if (query.kind === 'rate') return `sum${by(query.by)} (${rateOf(counted(query.of))})`;
  if (query.kind === 'time') return `sum${by(query.by)} (${sums})`;
  if (query.kind === 'increase') return `sum (increase(${counted(query.of)}[${window}]))`;
  if (query.kind === 'mean') return `(sum (${sums}) / sum (${rateOf(counted(query.of))}))`;
  const buckets = `sum${by(['le', ...query.by])} (${rateOf(selector(query.of, '_bucket'))})`;
  return `histogram_quantile(${query.q}, ${buckets})`;
}

/** What never happened has no series: it counts as 0 where the whole is there. */
function ratioOf({ of, to }: Extract<Query, { readonly kind: 'ratio' }>, window: Duration): string {
  const whole = toPromql(to, window);
  const part = toPromql(of, window);
  return `((${part} or 0 * ${whole}) / ${whole})`;
}

function shareOf(of: Selector, good: Good, window: Duration): string {
  const all = `sum (rate(${selector(of, '_count')}[${window}]))`;
  if ('le' in good) {
    const within = { ...of, where: { ...of.where, le: [String(good.le)] } };
    return `(sum (rate(${selector(within, '_bucket')}[${window}])) / ${all})`;
  }
  const bad = { ...of, where: { ...of.where, http_response_status_code: good.notStatus } };
  return `(1 - (sum (rate(${selector(bad, '_count')}[${window}])) or 0 * ${all}) / ${all})`;
}

function by(labels: readonly string[]): string {
  return labels.length === 0 ? '' : ` by (${labels.join(', ')})`;
}

function counted(of: Selector): string {
  return selector(of, catalogue.get(of.metric)?.kind === 'histogram' ? '_count' : '');
}

function selector({ metric, where = {} }: Selector, suffix = ''): string {
  const parts = Object.entries(where).map(([label, values]) => `${label}${matcher(values)}`);
  return `${metric}${suffix}${parts.length === 0 ? '' : `{${parts.join(',')}}`}`;
}

function matcher(values: LabelValues): string {
  if (values instanceof RegExp) return `=~"${values.source}"`;
  return values.length === 1 ? `="${values[0] ?? ''}"` : `=~"${values.join('|')}"`;
}
