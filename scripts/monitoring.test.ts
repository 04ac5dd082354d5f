import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { installEngines } from './engines.ts';

const run = promisify(execFile);
const folder = resolve(import.meta.dirname, '../topology/prometheus');

test('what is rendered of the KPI file is what stands in the repository', async () => {
  const script = resolve(import.meta.dirname, 'render-monitoring.ts');
  await run(process.execPath, [script, '--check'], { cwd: dirname(import.meta.dirname) });
});

test('each alert of a lamp fires after its hold, is silent before, beside and without data, and resolves', async () => {
  await installEngines(['prometheus']);
  const { stdout: checked } = await run('promtool', ['check', 'rules', 'rules.yml'], {
    cwd: folder,
  });
  assert.match(checked, /SUCCESS: \d+ rules found/u);
  const { stdout } = await run('promtool', ['test', 'rules', 'rules.test.yml'], { cwd: folder });
  assert.match(stdout, /SUCCESS/u);
});

test('Prometheus reads the query of every panel', async (t) => {
  await installEngines(['prometheus']);
  const own = await mkdtemp(join(tmpdir(), 'plinth-panels-'));
  t.after(() => rm(own, { recursive: true }));
  const dashboard = await readFile(resolve(folder, '../grafana/overview.json'), 'utf8');
  const queries = dashboard.match(/(?<="expr": )".*"/gu) ?? [];
  const rules = queries.map((expr, at) => `      - { record: "panel:q:${at}", expr: ${expr} }\n`);
  const file = join(own, 'rules.yml');
  await writeFile(file, `groups:\n  - name: panels\n    rules:\n${rules.join('')}`);

  const { stdout } = await run('promtool', ['check', 'rules', file]);

  assert.match(stdout, new RegExp(`SUCCESS: ${queries.length} rules found`, 'u'));
});
