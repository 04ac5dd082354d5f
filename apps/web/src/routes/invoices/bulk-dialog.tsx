import { useId, useState } from 'react';

import { Button, Dialog, useLocale, useToast, useWords } from '@plinth/ui/core';
import { count } from '@plinth/ui/format';
import type { Selection } from '@plinth/ui/grid';

import english from '../../../messages/en/invoices-more.json';
import { client } from '../../data/client.ts';
import { useCommand } from '../../data/queries.ts';
import { toWire, type WireSelection } from './wire-selection.ts';

export interface BulkIntent {
  readonly action: 'issue' | 'delete';
  readonly selection: Selection;
  /** How many are selected. */
  readonly n: number;
  clear(): void;
}

interface BulkDialogProps {
  readonly intent: BulkIntent;
  onClose(): void;
}

/** From this many on a deletion wants the count typed. */
const typedFrom = 1_000;

/** Asks once, names the count, and leaves the work to a job. */
export function BulkDialog({ intent, onClose }: BulkDialogProps) {
  const t = useWords(english);
  const toast = useToast();
  const { formats } = useLocale();
  const [typed, setTyped] = useState('');
  const { action, selection, n, clear } = intent;
  const command = useCommand(
    (chosen: WireSelection, options) =>
      action === 'issue'
        ? client.invoicing.issueInvoices({ selection: chosen }, options)
        : client.invoicing.deleteDrafts({ selection: chosen }, options),
    {
      done({ matched }) {
        toast({ text: t('started', { n: matched }), tone: 'ok' });
        clear();
        onClose();
      },
    },
  );
  const wantsTyping = action === 'delete' && n >= typedFrom;
  const missing = wantsTyping && typed.replaceAll(/\D/gu, '') !== String(n);
  return (
    <Dialog
      title={t(`${action}_title`, { n })}
      onClose={onClose}
      onSubmit={() => {
        if (!missing) command.run(toWire(selection));
      }}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button
            type="submit"
            look={action === 'delete' ? 'danger' : 'primary'}
            busy={command.busy}
            off={missing ? t('type_count', { n }) : ''}
          >
            {t(`${action}_action`, { n })}
          </Button>
        </>
      }
    >
      <p>{t(`${action}_text`)}</p>
      {wantsTyping && (
        <TypedCount
          label={t('type_count', { n: count(n, formats) })}
          value={typed}
          onInput={setTyped}
        />
      )}
    </Dialog>
  );
}

interface TypedCountProps {
  readonly label: string;
  readonly value: string;
  onInput(text: string): void;
}

function TypedCount({ label, value, onInput }: TypedCountProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input num"
        inputMode="numeric"
        autoComplete="off"
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}
