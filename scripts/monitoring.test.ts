import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';
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
