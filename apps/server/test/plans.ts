import { z } from '@plinth/core/z';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Rows Removed by Filter'?: number | undefined;
  readonly 'Rows Removed by Index Recheck'?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}
const node: z.ZodType<PlanNode> = z.object({
  'Node Type': z.string(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Relation Name': z.string().optional(),
  'Rows Removed by Filter': z.number().optional(),
  'Rows Removed by Index Recheck': z.number().optional(),
  get Plans() {
    return z.array(node).optional();
  },
});
const logged = z.object({ 'Query Text': z.string(), Plan: node });
/** A plan that was only asked for, as for the estimate of a count, has not run. */
const wasRun = (json: string) => json.includes('"Actual Rows"');

export interface Scan {
  readonly type: string;
  readonly table: string;
  /** Rows that were visited, whether they were kept or not. */
  readonly read: number;
  readonly kept: number;
}

/** A statement as it ran, by the server's own account. */
export interface Ran {
  readonly text: string;
  readonly rows: number;
  readonly scans: readonly Scan[];
}

/** The plans that auto_explain wrote into the log as JSON, those inside functions included. */
export function readPlans(log: string): Ran[] {
  const texts = [...log.matchAll(/ plan:\n((?:\t.*\n?)+)/gu)].map(([, json = '']) => json);
  return texts.filter(wasRun).map((json) => {
    const { 'Query Text': text, Plan: plan } = logged.parse(JSON.parse(json));
    return { text, rows: plan['Actual Rows'], scans: scansOf(plan) };
  });
}

function scansOf(one: PlanNode): Scan[] {
  const below = (one.Plans ?? []).flatMap(scansOf);
  const table = one['Relation Name'];
  const type = one['Node Type'];
  if (table === undefined || !type.endsWith('Scan')) return below;
  const loops = one['Actual Loops'];
  const kept = one['Actual Rows'] * loops;
  const removed =
    ((one['Rows Removed by Filter'] ?? 0) + (one['Rows Removed by Index Recheck'] ?? 0)) * loops;
  return [{ type, table, kept, read: kept + removed }, ...below];
}
