import { useEffect, useRef, useState } from 'react';

import { useWords } from '@plinth/ui/core';

import english from '../../../messages/en/sign-in.json';

interface CodeFieldProps {
  readonly value: string;
  onValue(value: string): void;
  /** Six digits are there: nobody should have to press a button as well. */
  onWhole(value: string): void;
}

/** The second factor: digits of the authenticator, or one of the recovery codes. */
export function CodeField({ value: shown, onValue, onWhole }: CodeFieldProps) {
  const t = useWords(english);
  const input = useRef<HTMLInputElement>(null);
  const [recovers, setRecovers] = useState(false);
  useEffect(() => input.current?.focus(), [recovers]);
  return (
    <div className="field">
      <label htmlFor="otp">{t(recovers ? 'recovery_code' : 'code')}</label>
      <input
        ref={input}
        className="input lg code num"
        id="otp"
        required
        inputMode={recovers ? 'text' : 'numeric'}
        autoComplete={recovers ? 'off' : 'one-time-code'}
        autoCapitalize="characters"
        spellCheck={false}
        value={shown}
        onInput={({ currentTarget: { value } }) => {
          onValue(value);
          if (!recovers && /^\d{6}$/u.test(value)) onWhole(value);
        }}
      />
      <span className="hint">
        {recovers && `${t('recovery_hint')} `}
        <button
          type="button"
          className="link"
          onClick={() => {
            onValue('');
            setRecovers(!recovers);
          }}
        >
          {t(recovers ? 'use_code' : 'use_recovery')}
        </button>
      </span>
    </div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly type: 'email' | 'password' | 'text';
  readonly autoComplete: string;
  readonly readOnly?: boolean;
  readonly hint?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  onValue(value: string): void;
}

export function Field({ id, label, value, onValue, hint, readOnly = false, ...rest }: FieldProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        className="input lg"
        id={id}
        required
        value={value}
        readOnly={readOnly}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => onValue(event.currentTarget.value)}
        {...rest}
      />
      {hint !== undefined && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}
