import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';

import english from '../messages/forms-en.json' with { type: 'json' };
import { translator } from '../i18n/messages.ts';
import { FormStore } from './form-store.ts';
import { issueText } from './issue-text.ts';
import { getAt, pathOf, setAt } from './path.ts';

const initial = { name: 'Acme', lines: [{ quantity: '1' }, { quantity: '2' }] };

test('a value is set at its path and leaves its neighbours alone', () => {
  const next = setAt(initial, 'lines.1.quantity', '3');

  equal(getAt(next, 'lines.1.quantity'), '3');
  equal(getAt(next, 'lines.0'), initial.lines[0]);
  equal(getAt(next, 'lines.7.quantity'), undefined);
  deepEqual(setAt({}, 'a.b', 1), { a: { b: 1 } });
  equal(pathOf('/lines/3/a~1b'), 'lines.3.a/b');
});

test('a form is dirty from the first change until it is saved', () => {
  const store = new FormStore(initial);

  store.set('name', 'Acme');
  equal(store.dirty, false);
  store.set('name', 'Other');
  equal(store.dirty, true);
  store.settle();
  equal(store.dirty, false);
});

test('what cannot be read is a fault and no value', () => {
  const store = new FormStore(initial);
  store.register('name', 'Name');

  store.refuse('name', 'no amount');

  equal(store.get('name'), 'Acme');
  equal(store.dirty, true);
  deepEqual(store.allFaults, [['name', 'no amount']]);
  store.set('name', 'Acme');
  equal(store.faultAt('name'), undefined);
});

test('faults of fields that are not on the page go to the summary', () => {
  const store = new FormStore(initial);
  store.register('name', 'Name');

  store.setProblems(
    [
      { pointer: '/name', code: 'a', message: 'taken' },
      { pointer: '/hidden', code: 'b', message: 'wrong' },
    ],
    ({ message }) => message,
  );

  equal(store.faultAt('name'), 'taken');
  deepEqual(store.general, ['hidden: wrong']);
});

test('a changed list drops the faults of its lines', () => {
  const store = new FormStore(initial);
  store.register('lines.1.quantity', 'Quantity');
  store.setFaults([{ path: 'lines.1.quantity', text: 'wrong' }]);

  store.set('lines', [{ quantity: '2' }]);

  equal(store.faultAt('lines.1.quantity'), undefined);
});

test('undo goes back a hundred steps', () => {
  const store = new FormStore({ n: 0 });
  for (let n = 1; n <= 150; n += 1) store.set('n', n);

  for (let step = 0; step < 200; step += 1) store.undo();

  equal(store.get('n'), 50);
});

test('issues are said in the reader’s words', () => {
  const words = translator(english, 'en');
  const text = (issue: Parameters<typeof issueText>[0]) => issueText(issue, words);

  equal(text({ code: 'invalid_type', input: undefined, message: '' }), 'This is needed.');
  equal(text({ code: 'too_small', origin: 'string', minimum: 1, message: '' }), 'This is needed.');
  equal(
    text({ code: 'invalid_format', format: 'email', message: '' }),
    'This is no e-mail address.',
  );
  equal(text({ code: 'custom', message: 'Own words.' }), 'Own words.');
});
