import { useId } from 'react';

import { useWords } from '@plinth/ui/core';

import english from '../../../messages/en/invoice.json';

interface ReasonFieldProps {
  readonly value: string;
  onInput(text: string): void;
}

/** Why a document is corrected: it stands on the credit note. */
export function ReasonField({ value, onInput }: ReasonFieldProps) {
  const t = useWords(english);
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t('credit_reason')}</label>
      <input
        id={id}
        className="input"
        maxLength={500}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <span className="hint">{t('credit_reason_hint')}</span>
    </div>
  );
}
