import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kindTable, Problem, type Kind } from './problem.ts';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the table
const kinds = Object.keys(kindTable) as Kind[];

for (const kind of kinds) {
  test(`a Problem of kind ${kind} survives the wire`, () => {
    const problem = new Problem('It is so.', {
      code: 'area.what_happened',
      kind,
      context: { current: 3 },
      fields: [{ pointer: '/lines/3', code: 'too_small', message: 'is too small' }],
      retryAfterMs: 100,
    });

    const wire = problem.toWire('internal', 'r1');
    const back = Problem.fromWire(wire.status, JSON.parse(JSON.stringify(wire)));

    assert.deepEqual(back.toWire('internal', 'r1'), wire);
  });
}

test('to the public a 5xx says nothing of what happened', () => {
  const problem = new Problem('host db7 refused', {
    code: 'postgres.unavailable',
    kind: 'unavailable',
    context: { host: 'db7' },
    cause: new TypeError('secret'),
  });

  const text = JSON.stringify(problem.toWire('public'));

  assert(!text.includes('db7'));
  assert(!text.includes('secret'));
});

test('an abort is cancelled, a deadline a timeout, anything else internal with its cause', () => {
  const cause = new TypeError('x is undefined');

  assert.equal(Problem.from(AbortSignal.abort().reason).kind, 'cancelled');
  assert.equal(Problem.from(new DOMException('late', 'TimeoutError')).kind, 'timeout');
  assert.equal(Problem.from(cause).cause, cause);
});

test('the HTML of a proxy becomes unavailable, with its first 256 characters', () => {
  const problem = Problem.fromWire(502, `<html>${'x'.repeat(1_000)}`);

  assert.equal(problem.kind, 'unavailable');
  assert.equal(problem.code, 'core.not_a_problem');
  assert.deepEqual(problem.context, { status: 502, body: `<html>${'x'.repeat(250)}` });
});

test('an unknown kind falls back to the status, an unknown code is kept', () => {
  const problem = Problem.fromWire(404, { code: 'new.code', detail: 'Gone.', kind: 'vanished' });

  assert.deepEqual([problem.kind, problem.code], ['notFound', 'new.code']);
});
