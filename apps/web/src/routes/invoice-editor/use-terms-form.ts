import { useEffect } from 'react';

import { z } from '@plinth/core/z';
import { useWords } from '@plinth/ui/core';
import { addDays, daysBetween } from '@plinth/ui/format';
import { type FormState, useForm } from '@plinth/ui/forms';

import english from '../../../messages/en/draft.json';
import type { DraftEditor } from './draft-editor.ts';
import type { DraftText } from './draft-text.ts';
import type { EditorView } from './editor-view.ts';

const names = ['currency', 'issueDate', 'dueDate', 'reference', 'note', 'internalNote'] as const;
type Name = (typeof names)[number];

/** Anything is taken here: the draft's own reading says what is wrong, and the editor saves. */
const schema = z.object({ customerId: z.string(), ...fields() });

function fields() {
  const text = z.string();
  return {
    currency: text,
    issueDate: text,
    dueDate: text,
    reference: text,
    note: text,
    internalNote: text,
  };
}

/** The kit's fields over the draft's head: what is typed goes into the editor, what others change comes back. */
export function useTermsForm(editor: DraftEditor, view: EditorView): FormState {
  const t = useWords(english);
  const form = useForm({
    schema,
    initial: valuesOf(view.text),
    save: () => Promise.resolve(undefined),
  });
  const { store } = form;
  useEffect(() => store.subscribe(() => push(store, editor)), [store, editor]);
  useEffect(() => {
    const values: Readonly<Record<string, unknown>> = valuesOf(view.text);
    for (const [name, value] of Object.entries(values)) {
      if (store.get(name) !== value) store.set(name, value);
    }
  }, [store, view.text]);
  const wrongDates = view.faults.some(({ path }) => path === 'dueDate');
  useEffect(
    () => store.setFault('dueDate', wrongDates ? t('fault_dates') : undefined),
    [store, wrongDates],
  );
  return form;
}

function valuesOf(text: DraftText): z.input<typeof schema> {
  const { customer, currency, issueDate, dueDate, reference, note, internalNote } = text;
  const terms = { currency, issueDate, dueDate, reference, note, internalNote };
  return { customerId: customer?.id ?? '', ...terms };
}

function push(store: FormState['store'], editor: DraftEditor): void {
  const { text } = editor.view;
  const changed: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = store.get(name);
    if (typeof value === 'string' && value !== text[name]) changed[name] = value;
  }
  if (text.customer !== undefined && store.get('customerId') === undefined) {
    editor.change({ customer: undefined });
  }
  if (Object.keys(changed).length === 0) return;
  const { issueDate } = changed;
  // The terms stay what they are when the planned day moves.
  const moved =
    issueDate === undefined || changed.dueDate !== undefined
      ? {}
      : { dueDate: addDays(issueDate, daysBetween(text.issueDate, text.dueDate)) };
  editor.change({ ...changed, ...moved });
}
