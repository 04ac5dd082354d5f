import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { installEngines } from './engines.ts';

/** Fast ones first: a broken sum is told before a browser starts. */
const stages = [
  { name: 'unit', files: '{packages,modules,apps,scripts}/**/*.test.ts', together: true },
  { name: 'db', files: '{packages,modules,apps,scripts}/**/*.db.test.ts', together: true },
  { name: 'fault', files: '{packages,modules,apps}/**/*.fault.test.ts', together: false },
  { name: 'flow', files: '{packages,apps}/**/*.flow.test.ts', together: false },
] as const;
type Stage = (typeof stages)[number];

interface Ran {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly name: string;
  readonly file?: string;
}

const testTimeoutMs = 300_000;

/** What Debian has; a broker of Kafka comes by Maven, so its tests belong to the long run. */
const engines = [
  'chromium',
  'redis',
  'rabbitmq',
  'pgbouncer',
  'prometheus',
  'alertmanager',
] as const;
const longOnly: readonly string[] = ['packages/messaging/src/kafka.fault.test.ts'];

/** A name such as `x.db.test.ts` belongs to its own stage only. */
function filesOf(stage: Stage, isLong: boolean): string[] {
  const special = /\.(db|fault|flow)\.test\.ts$/u;
  return globSync(stage.files)
    .filter((path) => !path.includes('node_modules/'))
    .filter((path) => isLong || !longOnly.includes(path))
    .filter((path) => (special.exec(path)?.[1] ?? 'unit') === stage.name)
    .toSorted();
}

async function runStage(stage: Stage, folder: string, files: readonly string[]): Promise<Ran[]> {
  const result = join(folder, `${stage.name}.jsonl`);
  const args = [
    '--test',
    `--test-timeout=${testTimeoutMs}`,
    stage.together ? '--test-isolation=none' : '--test-concurrency=1',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./scripts/test-reporter.ts',
    `--test-reporter-destination=${result}`,
    ...files,
  ];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  const lines = (await readFile(result, 'utf8')).split('\n').filter(Boolean);
  const ran = lines.map((line): Ran => JSON.parse(line));
  if (ran.length === 0) ran.push({ outcome: 'failed', name: `stage ${stage.name} ran no test` });
  const crashed = code !== 0 && ran.every(({ outcome }) => outcome !== 'failed');
  if (crashed)
    ran.push({ outcome: 'failed', name: `stage ${stage.name} ended with ${String(code)}` });
  return ran;
}

const { values } = parseArgs({
  options: {
    stage: { type: 'string', multiple: true },
    long: { type: 'boolean', default: false },
  },
});
if (values.long) process.env['PLINTH_TEST_LONG'] = '1';

await installEngines(values.long ? [...engines, 'kafka'] : engines);
const folder = await mkdtemp(join(tmpdir(), 'plinth-tests-'));
const all: Ran[] = [];
for (const stage of stages) {
  if (values.stage !== undefined && !values.stage.includes(stage.name)) continue;
  const files = filesOf(stage, values.long);
  const start = performance.now();
  console.log(`\n── ${stage.name}: ${files.length} files`);
  all.push(...(await runStage(stage, folder, files)));
  console.log(`── ${stage.name}: ${((performance.now() - start) / 1_000).toFixed(0)} s`);
}
await rm(folder, { recursive: true });

const count = (outcome: Ran['outcome']) => all.filter((ran) => ran.outcome === outcome).length;
for (const { outcome, name, file } of all) {
  if (outcome !== 'passed')
    console.log(`${outcome}: ${name}${file === undefined ? '' : ` (${file})`}`);
}
if (!values.long) console.log(`only with --long: ${longOnly.join(', ')}`);
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
const mustRunAll = process.env['CI'] === 'true';
if (count('failed') > 0 || (mustRunAll && count('skipped') > 0)) process.exitCode = 1;
