import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { main } from './main.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const commandNames = ['up', 'seed', 'company', 'migrate', 'check', 'db', 'config', 'load'];

/** Runs the command as a process would, with its output kept. */
async function plinth(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({ write: (text: string) => (written[name] += text) });
  const code = await main({
    argv: ['node', 'plinth', ...args],
    env: options.env ?? {},
    stdout: stream('out'),
    stderr: stream('err'),
    cwd: () => options.cwd ?? tmpdir(),
  });
  return { code, ...written };
}

/** A project whose application declares one setting. */
async function createProject(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-project-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'package.json'), '{"plinth":{"application":"application.mjs"}}');
  await writeFile(
    join(folder, 'application.mjs'),
    `const text = { safeParse: (data) => ({ success: true, data }) };
     const variable = (name, secret) => ({ name, schema: text, secret, optional: true, meta: { doc: 'a setting' } });
     export const application = {
       configs: [{ owner: 'http', variables: { a: variable('HTTP_A', false), b: variable('HTTP_B', true) } }],
       profiles: ['demo'],
     };`,
  );
  return folder;
}

test('--version prints the version alone', async () => {
  assert.deepEqual(await plinth(['--version']), { code: 0, out: '0.1.0\n', err: '' });
});

test('without a command it lists them all', async () => {
  const { code, out } = await plinth([]);

  assert.equal(code, 0);
  for (const name of commandNames) assert.match(out, new RegExp(`^  ${name} `, 'mu'));
});

for (const name of commandNames) {
  test(`${name} --help names its flags and two examples`, async () => {
    const { code, out } = await plinth([name, '--help']);

    assert.equal(code, 0);
    assert.match(out, /--json/u);
    assert.equal(out.match(/^ {2}(?:\w+=\S+ )?plinth /gmu)?.length, 2);
  });
}

/** What is typed wrong, and what is said. */
const mistakes: readonly [args: string[], said: RegExp][] = [
  [['sed'], /There is no command sed\. Did you mean seed\?/u],
  [['seed', '--profil', 'demo'], /There is no flag --profil\. Did you mean --profile\?/u],
  [['load', 'smoke', '--rate', 'many'], /not in a Plinth project/u],
  [['company', 'add', 'Northwind Ltd'], /Name the company, in quotes, and its owner\./u],
  [['config'], /not in a Plinth project/u],
];
for (const [args, said] of mistakes) {
  test(`plinth ${args.join(' ')} ends with 2 and says what is wrong`, async () => {
    const { code, out, err } = await plinth(args);

    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, said);
    assert.doesNotMatch(err, /\n\s+at /u);
  });
}

test('config shows values and sources, never a secret', async (t) => {
  const cwd = await createProject(t);

  const { code, out } = await plinth(['config'], {
    cwd,
    env: { HTTP_A: 'one', HTTP_B: 'hunter2' },
  });

  assert.equal(code, 0);
  assert.match(out, /HTTP_A\s+one\s+\(env, http\)/u);
  assert.doesNotMatch(out, /hunter2/u);
});

test('--json prints exactly one document, also on failure', async (t) => {
  const cwd = await createProject(t);

  const good = await plinth(['config', '--json'], { cwd });
  const bad = await plinth(['seed', '--json', '--profile', 'gigantic'], { cwd });

  assert.equal(JSON.parse(good.out).ok, true);
  assert.equal(bad.code, 2);
  assert.match(JSON.parse(bad.out).error.message, /no profile gigantic; there are demo/u);
});
