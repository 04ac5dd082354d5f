import assert from 'node:assert/strict';
import { test } from 'node:test';

import { judgeRunbooks } from './runbooks.ts';

const whole = [
  '# Slow\n',
  '## What it means\n\nIt is slow.\n',
  '## See it\n\n```\nnpx plinth slow\n```\n\nWhen all is well: nothing.\n',
  '## Do now\n\nWait.\n',
  '## Find the cause\n\nA table.\n',
  '## Undo\n\nNothing.\n',
  '## Drill\n\n```\nkill -STOP 1\n```\n',
].join('\n');
const facts = { alerts: new Set(['Slow']), commands: new Set(['slow']), ruleTests: '' };

test('a whole runbook of each alert has nothing against it', () => {
  assert.deepEqual(judgeRunbooks([{ alert: 'Slow', text: whole }], facts), []);
});

test('an alert without a runbook is told', () => {
  assert.deepEqual(judgeRunbooks([], facts), ['The alert Slow has no docs/runbooks/Slow.md.']);
});

/** What is wrong in it, and what is said. */
const broken: readonly [from: string, to: string, said: string][] = [
  ['## Undo', '## Later', 'its sections are not'],
  ['npx plinth slow', 'npx plinth slwo', 'there is no command plinth slwo.'],
  ['```\nnpx plinth slow\n```', 'look', '"See it" begins with no command.'],
  ['```\nkill -STOP 1\n```', 'pull the plug', 'its drill has no command.'],
  ['kill -STOP 1', 'promtool test', 'rules.test.yml has no case of it.'],
];
for (const [from, to, said] of broken) {
  test(`a runbook with ${JSON.stringify(to)} is refused: ${said}`, () => {
    const [wrong = ''] = judgeRunbooks([{ alert: 'Slow', text: whole.replace(from, to) }], facts);

    assert.ok(wrong.startsWith(`docs/runbooks/Slow.md: ${said}`), wrong);
  });
}

test('a runbook of an alert that is no more is refused', () => {
  const all = [
    { alert: 'Slow', text: whole },
    { alert: 'Gone', text: whole },
  ];

  assert.deepEqual(judgeRunbooks(all, facts), ['docs/runbooks/Gone.md: there is no such alert.']);
});
