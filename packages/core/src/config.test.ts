import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { z } from 'zod';

import { bytes, duration, flag, port } from './config-types.ts';
import { ConfigError, defineConfig, env, envOptional, envSecret, loadConfig } from './config.ts';

const http = defineConfig('http', {
  port: env('HTTP_PORT', port, { default: 3_000, doc: 'port of the API' }),
  deadlineMs: env('HTTP_DEADLINE', duration, { default: 10_000, doc: 'longest request' }),
  bodyBytesMax: env('HTTP_BODY_LIMIT', bytes, { default: 1_048_576, doc: 'longest body' }),
  open: env('HTTP_OPEN', flag, { default: false, doc: 'a flag' }),
  url: envOptional('HTTP_URL', z.url(), { doc: 'an address' }),
  master: envSecret('HTTP_MASTER', z.string().min(10), { doc: 'the key' }),
});

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig([http], environment);
  } catch (error) {
    assert(error instanceof ConfigError);
    return error.faults;
  }
  return [];
}

test('an unset or empty variable has its default, and says so', () => {
  const loaded = loadConfig([http], { HTTP_PORT: '' });

  assert.equal(loaded.of(http).port, 3_000);
  assert.equal(loaded.lines.find(({ name }) => name === 'HTTP_PORT')?.source, 'default');
});

test('values are parsed with their units', () => {
  const values = loadConfig([http], {
    HTTP_PORT: '8080',
    HTTP_DEADLINE: '5m',
    HTTP_BODY_LIMIT: '64KiB',
    HTTP_OPEN: 'true',
  }).of(http);

  assert.deepEqual(
    [values.port, values.deadlineMs, values.bodyBytesMax, values.open],
    [8_080, 300_000, 65_536, true],
  );
});

/** Each value must be refused, in words that name what would be right. */
const refused: readonly [name: string, value: string, reason: RegExp][] = [
  ['HTTP_PORT', '65536', /0 to 65535/u],
  ['HTTP_PORT', '80a', /0 to 65535/u],
  ['HTTP_DEADLINE', '30', /500ms, 30s/u],
  ['HTTP_BODY_LIMIT', '1MB', /64KiB/u],
  ['HTTP_OPEN', 'yes', /true, false/u],
  ['HTTP_MASTER', 'short', /is not valid/u],
];
for (const [name, value, reason] of refused) {
  test(`${name}=${value} is refused`, () =>
    assert.match(faultsOf({ [name]: value })[0] ?? '', reason));
}

test('every fault is told at once', () => {
  assert.equal(faultsOf({ HTTP_PORT: 'x', HTTP_OPEN: 'x' }).length, 2);
});

test('a value may stand in a file, one trailing newline cut', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'plinth-config-')), 'key');
  writeFileSync(file, 'correct horse\n', { mode: 0o600 });

  const loaded = loadConfig([http], { HTTP_MASTER_FILE: file });

  assert.equal(loaded.of(http).master?.reveal(), 'correct horse');
  assert.match(
    faultsOf({ HTTP_MASTER: 'correct horse', HTTP_MASTER_FILE: file })[0] ?? '',
    /both/u,
  );
  assert.match(faultsOf({ HTTP_MASTER_FILE: `${file}-missing` })[0] ?? '', /cannot be read/u);
});

test('a secret shows itself in no text, and neither does the password of a URL', () => {
  const loaded = loadConfig([http], {
    HTTP_MASTER: 'correct horse',
    HTTP_URL: 'redis://app:hunter2@localhost',
  });
  const { master } = loaded.of(http);

  const shown = [
    String(master),
    JSON.stringify({ master }),
    inspect({ master }),
    inspect(loaded.lines),
  ];

  assert(!shown.join('\n').includes('correct horse'));
  assert(!shown.join('\n').includes('hunter2'));
});

test('a mistyped name is warned of with the nearest one, and refused when strict', () => {
  assert.deepEqual(loadConfig([http], { HTTP_PROT: '1' }).warnings, [
    'HTTP_PROT is not known; HTTP_PORT is',
  ]);
  assert.equal(faultsOf({ HTTP_PROT: '1', PLINTH_STRICT_CONFIG: '1' }).length, 1);
});
