import { globSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import {
  alertRules,
  renderAlertmanager,
  renderAlertTests,
  renderDashboard,
  renderDashboards,
  renderRules,
} from '@plinth/telemetry/render';

import { alerting, kpis } from '../topology/kpi.ts';
import { judgeRunbooks, renderIndex, type Runbook } from './runbooks.ts';

/** Renders what Prometheus watches, and the index of what to do, from topology/kpi.ts; `--check` compares. */
const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const folder = 'docs/runbooks';

const rules = alertRules(kpis);
const alerts = new Set(rules.map(({ alert }) => alert));
const ruleTests = renderAlertTests(kpis, 'rules.yml');
const found = await readRunbooks();
const inOrder = [...alerts].flatMap((name) => found.filter(({ alert }) => alert === name));
const files: Readonly<Record<string, string>> = {
  'topology/prometheus/rules.yml': renderRules(rules, (alert) => `${alerting.runbooks}${alert}.md`),
  'topology/alertmanager/alertmanager.yml': renderAlertmanager(alerting),
  'topology/prometheus/rules.test.yml': ruleTests,
  'topology/grafana/overview.json': renderDashboard(kpis),
  ...Object.fromEntries(
    Object.entries(renderDashboards()).map(([name, text]) => [
      `topology/grafana/${name}.json`,
      text,
    ]),
  ),
  [`${folder}/alerts.md`]: renderIndex(rules, inOrder),
};
for (const wrong of judgeRunbooks(found, { alerts, commands: await readCommands(), ruleTests })) {
  console.error(wrong);
  process.exitCode = 1;
}
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

/** Those of alerts bear their names; the others begin with a small letter. */
async function readRunbooks(): Promise<Runbook[]> {
  const paths = globSync(`${folder}/[A-Z]*.md`, { cwd: root })
    .filter((path) => basename(path) !== 'README.md')
    .toSorted();
  return Promise.all(
    paths.map(async (path) => ({
      alert: basename(path, '.md'),
      text: await readFile(join(root, path), 'utf8'),
    })),
  );
}

async function readCommands(): Promise<Set<string>> {
  const text = await readFile(join(root, 'docs/reference/commands.md'), 'utf8');
  return new Set([...text.matchAll(/^## plinth ([a-z-]+)$/gmu)].map(([, name = '']) => name));
}
