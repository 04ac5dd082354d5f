import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';

import { describe, type Judgement } from './gate.ts';
import type { RunResult } from './runner.ts';
import type { Tally } from './tally.ts';

export interface ReportFacts {
  readonly tier: string;
  readonly at: string;
  readonly seed: number;
  readonly target: string;
}

const percentiles = [0.5, 0.95, 0.99] as const;

/** A table for a person: a line a step, the whole, the verdict. */
export function formatReport(result: RunResult, judgement: Judgement, facts: ReportFacts): string {
  const head = ['step', 'requests', 'failed', 'p50 ms', 'p95 ms', 'p99 ms'];
  const rows = [...result.byStep].map(([name, tally]) => toCells(name, tally));
  const total = toCells('all', result.total);
  const achieved = (result.total.requests * 1_000) / result.durationMs;
  return [
    `${facts.tier}: ${achieved.toFixed(1)} requests/s for ${result.durationMs / 1_000} s at ${facts.target}`,
    '',
    ...formatTable([head, ...rows, total]),
    '',
    `${judgement.verdict}: ${judgement.why}`,
    '',
  ].join('\n');
}

function toCells(name: string, tally: Tally): string[] {
  const times = percentiles.map((ratio) => (tally.latency.percentile(ratio) / 1_000).toFixed(1));
  return [name, String(tally.requests), String(tally.failed), ...times];
}

function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** `run.json` for programs and `summary.md` for people, in a folder of their own. @returns the folder. */
export async function writeReport(
  folder: string,
  result: RunResult,
  judgement: Judgement,
  facts: ReportFacts,
): Promise<string> {
  const own = join(folder, `${facts.at.replaceAll(/[:.]/gu, '-')}-${facts.tier}`);
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'run.json'), `${JSON.stringify(toJson(result, judgement, facts))}\n`);
  const table = formatReport(result, judgement, facts);
  await writeFile(join(own, 'summary.md'), `# Load: ${facts.tier}\n\n\`\`\`\n${table}\`\`\`\n`);
  return own;
}

/** The run as data: histograms whole, so that any percentile can be asked for later. */
export function toJson(result: RunResult, judgement: Judgement, facts: ReportFacts): object {
  return {
    schema: 1,
    ...facts,
    host: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      platform: `${platform()}-${arch()}`,
      node: process.version,
    },
    ratePerS: result.ratePerS,
    achievedPerS: (result.total.requests * 1_000) / result.durationMs,
    durationMs: result.durationMs,
    verdict: judgement.verdict,
    why: judgement.why,
    failed: judgement.rows.filter(({ pass }) => !pass).map(describe),
    gates: judgement.rows,
    sendLagP99Ms: result.sendLag.percentile(0.99) / 1_000,
    steps: [...result.byStep].map(([name, tally]) => ({
      name,
      route: result.routes.get(name),
      requests: tally.requests,
      errors: Object.fromEntries(tally.errors),
      latencyUs: tally.latency,
    })),
    timeline: result.timeline,
  };
}
