import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';

import { compileCatalogue, compileMessage } from './compile.ts';
import { parseIcu } from './icu.ts';
import { translator } from './messages.ts';

async function translate(
  messages: Readonly<Record<string, string>>,
  locale: string,
): Promise<(id: string, values?: Record<string, string | number>) => string> {
  const source = compileCatalogue(messages);
  const module: { default: Record<string, string> } = await import(
    `data:text/javascript,${encodeURIComponent(source)}`
  );
  return translator(module.default, locale);
}

test('a message without arguments compiles to a string', () => {
  equal(compileMessage('Invoices'), '"Invoices"');
  equal(compileMessage("It''s {'{'}".replace("{'{'}", "'{x}'")), '"It\'s {x}"');
});

test('parseIcu takes a message apart', () => {
  deepEqual(parseIcu('{n, plural, =0 {none} one {# row} other {# rows of {name}}}!'), [
    {
      type: 'plural',
      name: 'n',
      cases: {
        '=0': [{ type: 'text', text: 'none' }],
        one: [{ type: 'count' }, { type: 'text', text: ' row' }],
        other: [
          { type: 'count' },
          { type: 'text', text: ' rows of ' },
          { type: 'argument', name: 'name', format: 'text' },
        ],
      },
    },
    { type: 'text', text: '!' },
  ]);
});

test('a malformed message is refused with its place', () => {
  for (const message of [
    '{',
    '{n',
    '{n,}',
    'a } b',
    '{n, plural, one {x}}',
    '{n, plural, other {x}',
  ]) {
    throws(() => parseIcu(message), SyntaxError, message);
  }
});

test('plurals, ordinals, selections and numbers follow the locale', async () => {
  const t = await translate(
    {
      rows: '{n, plural, =0 {no rows} one {# row} other {# rows}}',
      place: '{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}',
      state: '{s, select, open {Open} other {Other}}',
      total: '{n, number} of {name}',
    },
    'en',
  );

  equal(t('rows', { n: 0 }), 'no rows');
  equal(t('rows', { n: 1 }), '1 row');
  equal(t('rows', { n: 1_204 }), '1,204 rows');
  equal(t('place', { n: 22 }), '22nd');
  equal(t('state', { s: 'open' }), 'Open');
  equal(t('state', { s: 'x' }), 'Other');
  equal(t('total', { n: 1_000_000, name: 'Łódź' }), '1,000,000 of Łódź');
});

test('Polish tells few from many', async () => {
  const t = await translate(
    { rows: '{n, plural, one {# faktura} few {# faktury} many {# faktur} other {# faktury}}' },
    'pl',
  );

  deepEqual(
    [1, 2, 5, 22, 112].map((n) => t('rows', { n })),
    ['1 faktura', '2 faktury', '5 faktur', '22 faktury', '112 faktur'],
  );
});
