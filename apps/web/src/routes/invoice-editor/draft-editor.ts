import { Problem } from '@plinth/core/problem';

import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { type DraftInput, type DraftText, type LineText, textOf } from './draft-text.ts';
import type { EditorNeeds, EditorView } from './editor-view.ts';
import { beginHistory, type LineHistory, record, redo, undo } from './line-history.ts';
import { mergeDrafts, takeOver } from './merge-drafts.ts';
import {
  changesOf,
  type Reading,
  readDraft,
  readLine,
  type Section,
  sections,
} from './read-draft.ts';

const restMs = 1_200;
const retryMs = 2_000;
const retryMsMax = 30_000;

/**
 * A draft while it is edited: keeps what is typed, saves it 1.2 s after the last change under If-Match, and joins what
 * others change meanwhile. Failures are states; nothing typed is ever dropped.
 */
export class DraftEditor {
  readonly id: string;
  view: EditorView;
  readonly #needs: EditorNeeds;
  readonly #listeners = new Set<() => void>();
  #history: LineHistory;
  #base: DraftText;
  #saved: Reading['values'];
  /** Lines that the server has had. */
  #storedKeys: ReadonlySet<number>;
  #stopTimer: (() => void) | undefined;
  #flight: Promise<void> | undefined;
  #intent: { readonly body: string; readonly key: string } | undefined;
  #failures = 0;

  constructor(id: string, begin: InvoiceDetail | DraftText, needs: EditorNeeds) {
    this.id = id;
    this.#needs = needs;
    const stored = 'version' in begin ? begin : undefined;
    const text = 'version' in begin ? textOf(begin, needs.formats) : begin;
    const { values, faults } = readDraft(text, needs.formats);
    this.#base = text;
    this.#saved = stored === undefined ? {} : values;
    this.#history = beginHistory(text.lines);
    this.#storedKeys = new Set(stored === undefined ? [] : text.lines.map(({ key }) => key));
    const savedAt = stored === undefined ? undefined : Date.parse(stored.updatedAt);
    const isStored = stored !== undefined;
    this.view = { text, faults, save: { kind: 'saved' }, savedAt, stored, isStored, taken: [] };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  change(change: Partial<Omit<DraftText, 'lines'>>): void {
    this.#type({ ...this.view.text, ...change });
  }

  /** @param tag of the cell that is typed into: typing on is one step of undo. */
  changeLines(lines: readonly LineText[], tag?: string): void {
    this.#history = record(this.#history, lines, tag);
    this.#type({ ...this.view.text, lines });
  }

  undo(): void {
    this.#history = undo(this.#history);
    this.#type({ ...this.view.text, lines: this.#history.lines });
  }

  redo(): void {
    this.#history = redo(this.#history);
    this.#type({ ...this.view.text, lines: this.#history.lines });
  }

  /** Saves at once. @returns true if the server now has all that is typed. */
  async saveNow(): Promise<boolean> {
    this.#stopTimer?.();
    await this.#flight;
    if (this.view.save.kind !== 'conflict' && this.view.save.kind !== 'ended') await this.#save();
    return this.view.isStored;
  }

  /** The server has this version now: what others changed is joined in. */
  saw(theirs: InvoiceDetail): void {
    const { stored } = this.view;
    if (this.#flight !== undefined || stored === undefined) return;
    if (toNumber(theirs.version) > toNumber(stored.version)) this.#join(theirs);
  }

  /** Ends a conflict: of these parts theirs is taken, of the others mine. */
  resolve(theirParts: readonly Section[]): void {
    const { save, text } = this.view;
    if (save.kind !== 'conflict') return;
    this.#show({ save: { kind: 'waiting' } });
    this.#replace(takeOver(text, save.theirs, theirParts));
    void this.saveNow();
  }

  /** Nothing is left to save, or nothing can be. */
  get isClean(): boolean {
    const { kind } = this.view.save;
    return kind === 'saved' || kind === 'ended';
  }

  close(): void {
    this.#stopTimer?.();
    this.#listeners.clear();
  }

  #type(text: DraftText): void {
    this.#replace(text);
    if (this.view.save.kind === 'conflict' || this.view.save.kind === 'ended') return;
    this.#failures = 0;
    this.#show({ save: { kind: 'waiting' } });
    this.#saveIn(restMs);
  }

  #replace(text: DraftText): void {
    if (text.lines !== this.#history.lines) this.#history = record(this.#history, text.lines);
    this.#show({ text, faults: readDraft(text, this.#needs.formats).faults, isStored: false });
  }

  #saveIn(ms: number): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#needs.after(ms, () => {
      if (this.#flight === undefined) void this.#save();
      else this.#saveIn(restMs);
    });
  }

  #save(): Promise<void> {
    this.#flight = this.#send().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #send(): Promise<void> {
    const { stored, text: typed } = this.view;
    const text = this.#sendable();
    const { values } = readDraft(text, this.#needs.formats);
    const { faults } = this.view;
    const body = changesOf(this.#saved, values);
    if (body === undefined || values.customerId === undefined) {
      const held = faults.length > 0 && (stored !== undefined || body !== undefined);
      this.#show({
        save: { kind: held ? 'held' : 'saved' },
        isStored: stored !== undefined && !held,
      });
      return;
    }
    this.#show({ save: { kind: 'saving' } });
    try {
      const { customerId, lines = [] } = values;
      const answer = await (stored === undefined
        ? this.#create({ ...values, customerId, lines })
        : this.#change(body, stored.version));
      this.#took(answer, { typed, sent: text, values });
    } catch (error) {
      await this.#refused(Problem.from(error));
    }
  }

  #create(values: DraftInput): Promise<InvoiceDetail> {
    const input = { ...values, id: this.id };
    return this.#needs.server.create(input, this.#keyOf(input));
  }

  #change(body: Partial<DraftInput>, version: string): Promise<InvoiceDetail> {
    const input = { ...body, id: this.id, version };
    return this.#needs.server.change(input, this.#keyOf(input));
  }

  /** One key for one intent: a lost answer is asked for again, not done again. */
  #keyOf(input: object): string {
    const body = JSON.stringify(input);
    if (this.#intent?.body !== body) this.#intent = { body, key: this.#needs.newKey() };
    return this.#intent.key;
  }

  /** New lines that are not right yet wait; the others are saved. A line that the server has waits with all. */
  #sendable(): DraftText {
    const { text } = this.view;
    const { formats } = this.#needs;
    const lines = text.lines.filter(
      (line) =>
        this.#storedKeys.has(line.key) ||
        readLine(line, text.currency, formats).input !== undefined,
    );
    return { ...text, lines };
  }

  #took(stored: InvoiceDetail, { typed, sent, values }: Sent): void {
    this.#failures = 0;
    // A part that could not be sent stays mine against what the server has.
    const parts = sections.filter((section) => values[section] !== undefined);
    this.#base = takeOver(this.#base, sent, parts);
    this.#saved = { ...this.#saved, ...values };
    if (values.lines !== undefined) this.#storedKeys = new Set(sent.lines.map(({ key }) => key));
    const { text } = this.view;
    const typedOn = text !== typed;
    const held = readDraft(text, this.#needs.formats).faults.length > 0;
    const kind = typedOn ? 'waiting' : held ? 'held' : 'saved';
    const isStored = !typedOn && !held;
    this.#show({ stored, isStored, savedAt: this.#needs.now(), save: { kind }, taken: [] });
  }

  async #refused(problem: Problem): Promise<void> {
    const { kind, code } = problem;
    if (kind === 'stale') {
      await this.#readTheirs(problem);
      return;
    }
    const ended = kind === 'notFound' || code === 'invoicing.not_draft';
    this.#show({ save: { kind: ended ? 'ended' : 'failed', problem } });
    if (ended || !isPassing(problem)) return;
    const waitMs = problem.retryAfterMs ?? retryMs * 2 ** this.#failures;
    this.#failures += 1;
    this.#saveIn(Math.min(retryMsMax, waitMs));
  }

  async #readTheirs(stale: Problem): Promise<void> {
    try {
      this.#join(await this.#needs.server.get(this.id));
    } catch (error) {
      const problem = Problem.from(error);
      const ended = problem.kind === 'notFound';
      this.#show({ save: { kind: ended ? 'ended' : 'failed', problem: ended ? problem : stale } });
    }
  }

  #join(detail: InvoiceDetail): void {
    if (detail.status !== 'draft') {
      const context = { number: detail.number };
      const problem = new Problem('It was issued meanwhile.', {
        code: 'invoicing.not_draft',
        kind: 'conflict',
        context,
      });
      this.#show({ stored: detail, save: { kind: 'ended', problem } });
      return;
    }
    const { formats } = this.#needs;
    const theirs = textOf(detail, formats);
    const merged = mergeDrafts({ base: this.#base, mine: this.view.text, theirs }, formats);
    const { conflicts, taken } = merged;
    this.#base = theirs;
    this.#saved = readDraft(theirs, formats).values;
    if (taken.includes('lines')) this.#storedKeys = new Set(theirs.lines.map(({ key }) => key));
    this.#replace(merged.draft);
    const stored = { stored: detail, savedAt: Date.parse(detail.updatedAt), taken };
    if (conflicts.length > 0) {
      this.#show({ ...stored, save: { kind: 'conflict', theirs, conflicts } });
      return;
    }
    this.#show({ ...stored, save: { kind: 'waiting' } });
    this.#saveIn(0);
  }

  #show(change: Partial<EditorView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

interface Sent {
  /** What stood there when it was sent. */
  readonly typed: DraftText;
  /** What of it was sent. */
  readonly sent: DraftText;
  readonly values: Reading['values'];
}

const passing: ReadonlySet<string> = new Set([
  'unavailable',
  'timeout',
  'overloaded',
  'rateLimited',
  'internal',
]);

/** It may go through the next time. */
function isPassing({ kind }: Problem): boolean {
  return passing.has(kind);
}

function toNumber(version: string): number {
  return Number.parseInt(version, 36);
}
