import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import {
  alertRules,
  renderDashboard,
  renderAlertTests,
  renderRules,
  type AlertRule,
} from '@plinth/telemetry/render';

import { kpis } from '../topology/kpi.ts';
import { firstSteps } from './alert-steps.ts';

/** Renders what Prometheus watches, and the index of what to do, from topology/kpi.ts; `--check` compares. */
const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const runbooks = 'docs/runbooks/alerts.md';

const rules = alertRules(kpis);
const files: Readonly<Record<string, string>> = {
  'topology/prometheus/rules.yml': renderRules(
    rules,
    (alert) => `${runbooks}#${alert.toLowerCase()}`,
  ),
  'topology/prometheus/rules.test.yml': renderAlertTests(kpis, 'rules.yml'),
  'topology/grafana/overview.json': renderDashboard(kpis),
  [runbooks]: renderIndex(rules),
};
for (const [path, text] of Object.entries(files)) {
  const target = join(root, path);
  if ((await readFile(target, 'utf8').catch(() => '')) === text) continue;
  if (values.check) {
    console.error(
      `${path} is not what topology/kpi.ts says: run node scripts/render-monitoring.ts`,
    );
    process.exitCode = 1;
  } else {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

/** A heading an alert: when it fires, what to ask first, where to read on. */
function renderIndex(all: readonly AlertRule[]): string {
  const names = [...new Set(all.map(({ alert }) => alert))];
  const sections = names.map((name) => {
    const steps = firstSteps[name];
    if (steps === undefined)
      throw new TypeError(`scripts/alert-steps.ts has nothing about ${name}.`);
    const own = all.filter(({ alert }) => alert === name);
    const lines = own.map(
      ({ severity, summary, for: hold }) => `| ${severity} | ${summary} | ${hold} |\n`,
    );
    return `## ${name}\n\n| severity | when | for |\n|---|---|---|\n${[...new Set(lines)].join('')}\nFirst: \`${steps.first}\`. ${steps.next}\n`;
  });
  return `# Alerts\n\nRendered from \`topology/kpi.ts\` by \`node scripts/render-monitoring.ts\`; the rules are in \`topology/prometheus/rules.yml\`.\n\n${sections.join('\n')}`;
}
