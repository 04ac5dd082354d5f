import assert from 'node:assert/strict';
import test from 'node:test';

import { openDatabase, testCtx } from '@plinth/testing';

import { t } from './codecs.ts';
import { sql } from './sql.ts';

const preparedTexts = sql({ like: t.text }, { statement: t.text })`
  select statement from pg_prepared_statements where statement like ${'like'} order by 1`;

test('only a text with parameters is prepared, or one that is hot', async (tc) => {
  const database = await openDatabase(tc, { poolMax: 1, lanes: 0 });
  const ctx = testCtx();
  const plain = sql({}, { n: t.int4 })`select 1 as n /* kind */`;
  const hot = sql({}, { n: t.int4 }, { hot: true })`select 2 as n /* kind */`;
  const given = sql({ n: t.int4 }, { n: t.int4 })`select ${'n'}::int as n /* kind */`;
  const rare = sql({ n: t.int4 }, { n: t.int4 }, { prepared: false })`
    select 0 + ${'n'}::int as n /* kind */`;

  const answers = [
    await database.one(ctx, plain, {}),
    await database.one(ctx, hot, {}),
    await database.one(ctx, given, { n: 3 }),
    await database.one(ctx, rare, { n: 4 }),
  ];

  assert.deepEqual(answers, [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
  const texts = await database.many(ctx, preparedTexts, { like: '%/* kind */' });
  assert.deepEqual(
    texts.map(({ statement }) => statement),
    [given.text, hot.text].toSorted(),
  );
});
