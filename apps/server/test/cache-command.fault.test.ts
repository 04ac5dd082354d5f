import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createCache } from '@plinth/cache';
import { cacheOptionsOf } from '@plinth/cache/redis';
import { main } from '@plinth/cli';
import { loadConfig, noLog, systemClock } from '@plinth/core';
import { eventually, startRedis } from '@plinth/testing';

import { configs } from '../src/configs.ts';
import { root } from './site.ts';

const masterKey = `test:${Buffer.alloc(32, 7).toString('base64')}`;

async function plinth(args: readonly string[], env: Readonly<Record<string, string>>) {
  const said = { out: '', err: '' };
  const code = await main({
    argv: ['node', 'plinth', 'cache', ...args],
    env: { PLINTH_MASTER_KEY: masterKey, ...env },
    stdout: { write: (text: string) => (said.out += text) },
    stderr: { write: (text: string) => (said.err += text) },
    cwd: () => root,
  });
  return { code, ...said };
}

test('plinth cache shows an entry of Redis and makes every process forget it by its tag', async (t) => {
  const redis = await startRedis(t);
  const env = { REDIS_URL: redis.url, PLINTH_MASTER_KEY: masterKey };
  const process = await createCache(cacheOptionsOf(loadConfig(configs, env), systemClock, noLog));
  t.after(() => process.close());
  let loads = 0;
  const read = () => process.getOrSet('price:7', () => (loads += 1), { tags: ['prices'] });
  await read();

  const shown = await eventually(
    async () => {
      const ran = await plinth(['get', '--key', 'price:7', '--json'], env);
      assert.equal(ran.code, 0, ran.out + ran.err);
      return JSON.parse(ran.out);
    },
    { withinMs: 30_000 },
  );
  assert.deepEqual(shown.entries[0].entry.tags, ['prices']);

  const forgot = await plinth(['invalidate', '--tag', 'prices'], env);
  assert.equal(forgot.code, 0, forgot.err);
  assert.match(forgot.out, /^Told to every process, at \d+-\d+\.\n$/u);
  await eventually(async () => assert.equal(await read(), 2), { withinMs: 30_000 });
  assert.equal((await plinth(['get', '--key', 'price:8'], env)).code, 1);
});

test('plinth cache says what is missing: a name, an act, or Redis', async () => {
  const none = await plinth(['invalidate', '--tag', 'prices'], {});
  assert.equal(none.code, 4);
  assert.match(none.err, /Without REDIS_URL each process has its cache for itself/u);

  for (const args of [['invalidate'], ['get'], ['drop'], []]) {
    assert.equal((await plinth(args, {})).code, 2, args.join(' '));
  }
});
