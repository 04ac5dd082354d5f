import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Gate } from './gate.ts';

const minuteMs = 60_000;

function openGate() {
  const clock = { ms: 0, now: () => clock.ms };
  return { clock, gate: new Gate(clock) };
}

test('a link lets in once, and not after a minute', () => {
  const { clock, gate } = openGate();
  const [used, late] = [gate.newLink(), gate.newLink()];

  const token = gate.enter(used);
  clock.ms = minuteMs + 1;

  assert.equal(gate.isIn(token ?? ''), true);
  assert.equal(gate.enter(used), undefined);
  assert.equal(gate.enter(late), undefined);
  assert.equal(gate.enter('no link'), undefined);
});

test('a session ends by leaving, after half an hour without a call, and after eight hours', () => {
  const { clock, gate } = openGate();
  const [left, idle, busy] = [1, 2, 3].map(() => gate.enter(gate.newLink()) ?? '');
  assert(left !== undefined && idle !== undefined && busy !== undefined);

  gate.leave(left);
  for (; clock.ms <= 8 * 60 * minuteMs; clock.ms += 30 * minuteMs) {
    assert.equal(gate.isIn(busy), true);
  }

  assert.deepEqual(
    [left, idle, busy].map((token) => gate.isIn(token)),
    [false, false, false],
  );
});
