import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { z } from '@plinth/core/z';

import { signIn } from './api.ts';
import { createSite, root } from './site.ts';

const run = promisify(execFile);
const added = z.object({ ok: z.literal(true), password: z.string().optional() });

test('plinth company gives an empty installation its first owner, who signs in', async (t) => {
  const site = await createSite(t);
  await site.start();
  const add = async (name: string) => {
    const argv = ['packages/cli/bin/plinth.js', 'company', 'add', name, '--json'];
    const { stdout } = await run(process.execPath, [...argv, '--owner', 'Ada@Northwind.example'], {
      cwd: root,
      env: site.environment,
    });
    return added.parse(JSON.parse(stdout));
  };

  const first = await add('Northwind Ltd');
  const second = await add('Northwind Trading Ltd');

  const ada = await signIn(site.url, 'ada@northwind.example', first.password ?? '');
  const made = await ada.send('POST', '/v1/customers', {
    body: { name: 'Buyer Ltd', country: 'DE', currency: 'EUR' },
  });
  assert.equal(made.status, 201);
  assert.equal(second.password, undefined, 'an account keeps its password');
});
