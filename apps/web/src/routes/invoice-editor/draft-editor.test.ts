import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '@plinth/core/problem';

import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { DraftEditor } from './draft-editor.ts';
import { emptyDraft, newLine } from './draft-text.ts';
import type { DraftServer } from './editor-view.ts';

const formats = { locale: 'en', userZone: 'UTC', tenantZone: 'UTC' };
const blank = emptyDraft('2026-11-23', 'EUR');
const line = { ...newLine('19'), description: 'Guide', price: '10.00' };

type Sent = Readonly<Record<string, unknown>>;
type Reply = Problem | Partial<InvoiceDetail>;

/** Answers a command with what it was sent, under the next version, unless a reply was laid ready. */
function connect(replies: Reply[] = [], present: Partial<InvoiceDetail> = {}) {
  const sent: { readonly input: Sent; readonly key: string }[] = [];
  let stored = detail(present);
  let version = 1;
  const answer = async (input: Sent, key: string) => {
    sent.push({ input, key });
    const reply = replies.shift();
    if (reply instanceof Problem) throw reply;
    version += 1;
    stored = detail({ ...stored, ...input, ...reply, version: String(version) });
    return stored;
  };
  const server: DraftServer = { create: answer, change: answer, get: async () => detail(present) };
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  let nowMs = 0;
  let keys = 0;
  const needs = {
    server,
    formats,
    newKey: () => `key-${(keys += 1)}`,
    now: () => nowMs,
    after(ms: number, run: () => void) {
      const timer = { atMs: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  /** Lets time pass, and what it began come to its end. */
  const pass = async (ms: number) => {
    nowMs += ms;
    const due = timers.filter(({ atMs }) => atMs <= nowMs);
    timers = timers.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of due) run();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { needs, sent, pass };
}

function detail(change: Partial<InvoiceDetail>): InvoiceDetail {
  const draft = {
    id: 'd1',
    version: '1',
    status: 'draft',
    customerId: 'c1',
    customerName: 'Acme',
    currency: 'EUR',
    issueDate: '2026-11-23',
    dueDate: '2026-12-23',
    reference: null,
    note: null,
    internalNote: null,
    lines: [],
    updatedAt: '2026-11-23T10:00:00Z',
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what an editor needs of it
  return { ...draft, ...change } as InvoiceDetail;
}

const stale = new Problem('Changed.', { code: 'http.stale_version', kind: 'stale' });
const offline = new Problem('Away.', { code: 'client.offline', kind: 'unavailable' });

test('a new draft is made under its own id once it has a customer, 1.2 s after the last change', async () => {
  const { needs, sent, pass } = connect();
  const editor = new DraftEditor('d1', blank, needs);

  editor.changeLines([line]);
  await pass(1_200);
  assert.equal(editor.view.save.kind, 'held');
  editor.change({ customer: { id: 'c1', name: 'Acme' } });
  await pass(1_199);
  assert.equal(sent.length, 0);
  await pass(1);

  assert.equal(sent[0]?.input['id'], 'd1');
  assert.equal(editor.view.save.kind, 'saved');
  assert.equal(editor.view.isStored, true);
});

test('a change sends what differs, with the version that it is based on', async () => {
  const { needs, sent, pass } = connect();
  const editor = new DraftEditor('d1', detail({}), needs);

  editor.change({ reference: 'PO' });
  editor.change({ reference: 'PO 7' });
  await pass(1_200);
  editor.change({ note: 'Hello' });
  await pass(1_200);

  assert.deepEqual(
    sent.map(({ input }) => input),
    [
      { id: 'd1', version: '1', reference: 'PO 7' },
      { id: 'd1', version: '2', note: 'Hello' },
    ],
  );
});

test('what cannot be sent is held, the rest is saved', async () => {
  const { needs, sent, pass } = connect();
  const editor = new DraftEditor('d1', detail({}), needs);

  editor.change({ reference: 'PO 7' });
  editor.changeLines([{ ...line, price: 'x' }]);
  await pass(1_200);

  assert.deepEqual(sent[0]?.input, { id: 'd1', version: '1', reference: 'PO 7' });
  assert.equal(editor.view.save.kind, 'held');
  assert.equal(editor.view.isStored, false);
});

test('lines that are right are saved beside a new one that is not', async () => {
  const { needs, sent, pass } = connect();
  const editor = new DraftEditor('d1', detail({}), needs);
  const wrong = { ...newLine('19'), description: 'Screw' };

  editor.changeLines([line, wrong]);
  await pass(1_200);

  assert.deepEqual(sent[0]?.input['lines'], [
    { description: 'Guide', quantity: '1', unitPriceMinor: 1_000, taxPpm: 190_000 },
  ]);
  assert.equal(editor.view.save.kind, 'held');
  assert.equal(editor.view.isStored, false);
  assert.equal(editor.view.text.lines.length, 2);
});

test('a saved line that is being changed holds the lines until it is right', async () => {
  const { needs, sent, pass } = connect();
  const editor = new DraftEditor('d1', detail({}), needs);
  editor.changeLines([line]);
  await pass(1_200);

  editor.changeLines([{ ...line, price: '' }]);
  await pass(1_200);

  assert.equal(sent.length, 1);
  assert.equal(editor.view.save.kind, 'held');
});

test('a lost answer is asked for again under the same key', async () => {
  const { needs, sent, pass } = connect([offline]);
  const editor = new DraftEditor('d1', detail({}), needs);

  editor.change({ reference: 'PO 7' });
  await pass(1_200);
  assert.equal(editor.view.save.kind, 'failed');
  await pass(2_000);

  assert.equal(editor.view.save.kind, 'saved');
  assert.deepEqual([sent[0]?.key, sent[1]?.key], ['key-1', 'key-1']);
});

test('what others changed elsewhere is joined in, and mine is saved on top of it', async () => {
  const { needs, sent, pass } = connect([stale], { version: '5', note: 'theirs' });
  const editor = new DraftEditor('d1', detail({}), needs);

  editor.change({ reference: 'mine' });
  await pass(1_200);
  await pass(0);

  assert.deepEqual(sent[1]?.input, { id: 'd1', version: '5', reference: 'mine' });
  assert.equal(editor.view.text.note, 'theirs');
});

test('a part that both changed waits for a decision', async () => {
  const { needs, sent, pass } = connect([stale], { version: '5', reference: 'theirs' });
  const editor = new DraftEditor('d1', detail({}), needs);
  editor.change({ reference: 'mine' });
  await pass(1_200);
  assert.equal(editor.view.save.kind, 'conflict');
  assert.equal(editor.view.text.reference, 'mine');

  editor.resolve([]);
  await pass(0);

  assert.deepEqual(sent.at(-1)?.input, { id: 'd1', version: '5', reference: 'mine' });
});

test('what could not be sent yet is not lost to what others change', async () => {
  const { needs, pass } = connect();
  const editor = new DraftEditor('d1', detail({}), needs);
  editor.change({ reference: 'PO 7' });
  editor.changeLines([{ ...line, price: 'x' }]);
  await pass(1_200);

  editor.saw(detail({ version: '9', reference: 'PO 7', note: 'theirs' }));

  assert.equal(editor.view.text.lines[0]?.price, 'x');
  assert.equal(editor.view.text.note, 'theirs');
});

test('a conflict that is resolved for theirs sends nothing', async () => {
  const { needs, sent, pass } = connect([stale], { version: '5', reference: 'theirs' });
  const editor = new DraftEditor('d1', detail({}), needs);
  editor.change({ reference: 'mine' });
  await pass(1_200);

  editor.resolve(['reference']);
  await pass(0);

  assert.equal(sent.length, 1);
  assert.equal(editor.view.text.reference, 'theirs');
  assert.equal(editor.view.save.kind, 'saved');
});

test('a live message changes an untouched editor and is no change of its own', async () => {
  const { needs, sent, pass } = connect();
  const editor = new DraftEditor('d1', detail({}), needs);

  editor.saw(detail({ version: '2', reference: 'theirs' }));
  await pass(2_000);

  assert.equal(editor.view.text.reference, 'theirs');
  assert.deepEqual(editor.view.taken, ['reference']);
  assert.equal(sent.length, 0);
});

test('a draft that was issued meanwhile keeps what is typed and saves no more', async () => {
  const gone = new Problem('Issued.', { code: 'invoicing.not_draft', kind: 'conflict' });
  const { needs, sent, pass } = connect([gone]);
  const editor = new DraftEditor('d1', detail({}), needs);

  editor.change({ reference: 'mine' });
  await pass(1_200);
  editor.change({ reference: 'mine too' });
  await pass(60_000);

  assert.equal(editor.view.save.kind, 'ended');
  assert.equal(editor.view.text.reference, 'mine too');
  assert.equal(sent.length, 1);
});

test('saveNow saves at once and says whether all is stored', async () => {
  const { needs } = connect();
  const editor = new DraftEditor('d1', detail({}), needs);
  editor.change({ reference: 'PO 7' });

  assert.equal(await editor.saveNow(), true);
});
