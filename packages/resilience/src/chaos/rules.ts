import { z } from '@plinth/core/z';

const rate = z.number().min(0).max(1);
const ms = z.number().min(0).max(600_000);

const Fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), ms: z.union([ms, z.tuple([ms, ms])]) }),
  z.strictObject({ kind: z.literal('fault'), error: z.string().min(1).max(200) }),
  z.strictObject({
    kind: z.literal('outcome'),
    status: z.number().int().min(100).max(599),
    body: z.unknown().optional(),
  }),
  z.strictObject({ kind: z.literal('behavior'), run: z.string().min(1).max(100) }),
]);

const Rule = z.strictObject({
  id: z.string().regex(/^[a-zA-Z0-9_.-]{1,64}$/u),
  match: z.strictObject({
    pipeline: z.string().optional(),
    route: z.string().optional(),
    tenant: z.string().optional(),
    header: z.string().optional(),
  }),
  rate,
  fault: Fault,
  until: z.iso.datetime({ offset: true }),
});
export const Rules = z.array(Rule).max(100);

/** A fault for some calls, for at most an hour. */
export type ChaosRule = z.infer<typeof Rule>;

const aheadMsMax = 3_600_000;

/** Rules that may act now; the others with the reason. */
export function judgeRules(
  rules: readonly ChaosRule[],
  nowMs: number,
): { valid: ChaosRule[]; refused: { id: string; why: string }[] } {
  const valid: ChaosRule[] = [];
  const refused: { id: string; why: string }[] = [];
  for (const rule of rules) {
    const aheadMs = Date.parse(rule.until) - nowMs;
    if (aheadMs <= 0) refused.push({ id: rule.id, why: 'has ended' });
    else if (aheadMs > aheadMsMax) refused.push({ id: rule.id, why: 'ends in more than an hour' });
    else valid.push(rule);
  }
  return { valid, refused };
}

/** `*` stands for any text. */
export function globToPattern(glob: string): RegExp {
  const escaped = glob.replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`).replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`, 'u');
}
