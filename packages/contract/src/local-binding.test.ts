import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noLog, noSpan, Problem, systemClock, type Ctx } from '@plinth/core';
import { z } from '@plinth/core/z';

import { command, defineModule, implement, query, stream } from './contract.ts';
import { bindLocal, offerUnitOfWork } from './local-binding.ts';

const greeting = defineModule('greeting', {
  operations: {
    greet: query({
      input: z.object({ name: z.string().min(1), tags: z.array(z.string()).optional() }),
      output: z.object({ text: z.string(), tags: z.array(z.string()) }),
      permission: 'greeting.read',
    }),
    rename: command({
      input: z.object({ name: z.string() }),
      output: z.object({ name: z.string() }),
      permission: 'greeting.write',
    }),
    count: stream({
      input: z.object({ to: z.int() }),
      item: z.object({ n: z.int() }),
      permission: 'public',
    }),
  },
});

const seen: unknown[] = [];
const implementation = implement(greeting, {
  async greet(_ctx, { name, tags = [] }) {
    seen.push(name);
    if (name === 'boom') throw new TypeError('out of reach');
    if (name === 'gone') throw new Problem('Nobody.', { code: 'greeting.gone', kind: 'gone' });
    return { text: `Hello ${name}`, tags };
  },
  rename: async (_ctx, { name }) => ({ name }),
  async *count(_ctx, { to }) {
    for (let n = 1; n <= to; n += 1) yield { n };
  },
});
const client = bindLocal(implementation, { check: 'full' });

function context(more: Partial<Ctx> = {}): Ctx {
  return {
    reqId: 'r1',
    traceparent: '',
    tenant: 'none',
    actor: { kind: 'user', id: 'u1', permissions: new Set(['greeting.read', 'greeting.write']) },
    deadline: systemClock.mono() + 1_000,
    signal: new AbortController().signal,
    position: { get: () => undefined, advance: () => {} },
    span: noSpan,
    clock: systemClock,
    log: noLog,
    ...more,
  };
}
const anonymous = { kind: 'anonymous', id: '', permissions: new Set<string>() } as const;

test('an input that does not fit is refused with the pointer of each field', async () => {
  await assert.rejects(client.greet(context(), { name: '', tags: ['a'] }), (error) => {
    assert(error instanceof Problem);
    assert.equal(error.code, 'rpc.bad_input');
    assert.deepEqual(
      error.fields?.map(({ pointer }) => pointer),
      ['/name'],
    );
    return true;
  });
});

test('a key that the contract does not know never reaches the module', async () => {
  // @ts-expect-error -- what a caller written in another language may send
  const answer = await client.greet(context(), { name: 'Ada', admin: true });

  assert.deepEqual(answer, { text: 'Hello Ada', tags: [] });
});

test('a Problem passes, anything else becomes internal with its cause', async () => {
  await assert.rejects(client.greet(context(), { name: 'gone' }), { code: 'greeting.gone' });
  await assert.rejects(client.greet(context(), { name: 'boom' }), {
    code: 'core.unexpected',
    kind: 'internal',
  });
});

test('the permission is asked before the input is looked at', async () => {
  const lesser = { kind: 'user', id: 'u2', permissions: new Set(['greeting.write']) } as const;

  await assert.rejects(client.greet(context({ actor: lesser }), { name: '' }), {
    code: 'auth.forbidden',
  });
  await assert.rejects(client.greet(context({ actor: anonymous }), { name: '' }), {
    code: 'auth.required',
  });
});

test('a public operation needs no permission', async () => {
  const items = [];
  for await (const item of client.count(context({ actor: anonymous }), { to: 3 })) items.push(item);

  assert.deepEqual(items, [{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test('an answer cannot be changed by its caller', async () => {
  const answer = await client.greet(context(), { name: 'Ada', tags: ['x'] });

  assert.throws(() => answer.tags.push('y'), TypeError);
});

test('with check clone, caller and module share nothing', async () => {
  const cloned = bindLocal(implementation, { check: 'clone' });
  const tags = ['x'];

  const answer = await cloned.greet(context(), { name: 'Ada', tags });
  tags.push('y');

  assert.deepEqual(answer.tags, ['x']);
});

test('an answer that breaks the contract is internal, and leaves in mode edge only', async () => {
  const wrong = implement(greeting, {
    ...implementation.handlers,
    // @ts-expect-error -- the fault that is looked for
    greet: async () => ({ text: 1, tags: [] }),
  });

  await assert.rejects(bindLocal(wrong, { check: 'full' }).greet(context(), { name: 'A' }), {
    code: 'rpc.bad_output',
  });
  const trusted = await bindLocal(wrong, { check: 'edge' }).greet(context(), { name: 'A' });
  assert.equal(trusted.text, 1);
});

test('a command inside an open unit of work is refused, a query is not', async () => {
  const inside = context({ unitOfWork: {} });

  await assert.rejects(client.rename(inside, { name: 'B' }), {
    code: 'contract.call_in_transaction',
  });
  assert.equal((await client.greet(inside, { name: 'A' })).text, 'Hello A');
});

test('an offered unit of work takes one command and no second', async () => {
  const unitOfWork = {};
  offerUnitOfWork(unitOfWork);

  assert.deepEqual(await client.rename(context({ unitOfWork }), { name: 'B' }), { name: 'B' });
  await assert.rejects(client.rename(context({ unitOfWork }), { name: 'C' }), {
    code: 'contract.call_in_transaction',
  });
});

test('the deadline is the nearer of the caller’s and the operation’s', async () => {
  const deadlines: number[] = [];
  const timed = defineModule('timed', {
    operations: {
      wait: query({
        input: z.object({}),
        output: z.object({}),
        permission: 'public',
        deadline: 50,
      }),
    },
  });
  const bound = bindLocal(
    implement(timed, {
      wait: async ({ deadline }) => {
        deadlines.push(deadline - systemClock.mono());
        return {};
      },
    }),
    { check: 'full' },
  );

  await bound.wait(context(), {});
  await bound.wait(context({ deadline: systemClock.mono() + 5 }), {});

  assert((deadlines[0] ?? 0) > 40 && (deadlines[0] ?? 0) <= 50);
  assert((deadlines[1] ?? 0) <= 5);
});
