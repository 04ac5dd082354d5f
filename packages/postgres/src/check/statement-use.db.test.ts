import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cloneDatabase, testCtx } from '@plinth/testing';

import { t as codec } from '../codecs.ts';
import { createDatabase } from '../create-database.ts';
import { notes, tenant } from '../notes-fixture.ts';
import { sql } from '../sql.ts';
import { explainStatement } from './explain.ts';
import { readStatementUses } from './statement-use.ts';
import { findByName } from './statements-in.ts';

const byId = sql({ id: codec.uuid }, { title: codec.text })`
  select title from notes.note where id = ${'id'}`;
const never = sql({ like: codec.text }, { title: codec.text }, { name: 'notes.never' })`
  select title from notes.note where title like ${'like'}`;
const files = [{ path: 'modules/notes/src/notes-table.ts', exports: { byId, never } }];

test('each statement is told with its plan and its share of the time', async (t) => {
  const { url, adminUrl } = await cloneDatabase(t, { migrations: [notes] });
  const database = createDatabase({ url });
  for (let call = 0; call < 5; call += 1) {
    await database.maybe(testCtx({ tenant }), byId, { id: tenant });
  }
  await database.drain(0);

  const { statements, isMeasured, otherShare } = await readStatementUses(adminUrl, files);

  assert.deepEqual(
    statements.map(({ name, calls }) => [name, calls]),
    [
      ['byId', 5],
      ['never', 0],
    ],
  );
  const [first, second] = statements;
  assert.match(first?.scans.join() ?? '', /note_pkey/u);
  assert.match(second?.scans.join() ?? '', /note/u);
  assert((first?.share ?? 0) > 0 && otherShare < 1 && isMeasured);
});

test('a statement is found by its names, and explained with row security, with values or without', async (t) => {
  const { url } = await cloneDatabase(t, { migrations: [notes] });
  const [found] = findByName(files, 'notes.never');
  assert.equal(found?.name, 'never');

  const generic = await explainStatement(url, byId, {});
  const run = await explainStatement(url, byId, { tenant, values: { id: tenant }, analyze: true });

  assert.match(generic.join('\n'), /app\.tenant[\s\S]*\$1|\$1[\s\S]*app\.tenant/u);
  assert.match(run.join('\n'), /actual time/u);
});
