import type { Problem } from '@plinth/core/problem';
import type { Formats } from '@plinth/ui/format';

import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import type { DraftInput, DraftText } from './draft-text.ts';
import type { Fault, Section } from './read-draft.ts';

/** `held`: something is typed that cannot be sent yet. `ended`: it is no draft any more. */
export type SaveState =
  | { readonly kind: 'saved' | 'waiting' | 'saving' | 'held' }
  | { readonly kind: 'failed' | 'ended'; readonly problem: Problem }
  | {
      readonly kind: 'conflict';
      readonly theirs: DraftText;
      readonly conflicts: readonly Section[];
    };

export interface EditorView {
  readonly text: DraftText;
  readonly faults: readonly Fault[];
  readonly save: SaveState;
  /** Milliseconds since 1970; undefined: the server has not seen it yet. */
  readonly savedAt: number | undefined;
  /** As the server has it; undefined until the first save. */
  readonly stored: InvoiceDetail | undefined;
  /** The server has all that is typed, and computed its totals. */
  readonly isStored: boolean;
  /** What somebody else changed and was taken over last. */
  readonly taken: readonly Section[];
}

type Change = Partial<DraftInput> & { readonly id: string; readonly version: string };

export interface DraftServer {
  create(input: DraftInput & { readonly id: string }, key: string): Promise<InvoiceDetail>;
  change(input: Change, key: string): Promise<InvoiceDetail>;
  get(id: string): Promise<InvoiceDetail>;
}

export interface EditorNeeds {
  readonly server: DraftServer;
  readonly formats: Formats;
  newKey(): string;
  /** Milliseconds since 1970. */
  now(): number;
  after(ms: number, run: () => void): () => void;
}
