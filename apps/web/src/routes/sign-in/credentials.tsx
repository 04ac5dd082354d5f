import { useEffect, useRef, useState } from 'react';

import { Button, Icon, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/sign-in.json';
import { type SignIn, useSignIn } from './use-sign-in.ts';

interface CredentialsProps {
  /** Given: it is this person who signs in again. */
  readonly email?: string | undefined;
}

/** E-mail, password, and the code once the server asks for it. Managers of passwords fill it. */
export function CredentialsForm({ email: known }: CredentialsProps) {
  const t = useWords(english);
  const [email, setEmail] = useState(known ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const signIn = useSignIn();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        signIn.submit({ email, password, code });
      }}
    >
      {known === undefined && (
        <div>
          <h1 tabIndex={-1}>{t('title')}</h1>
          <p className="muted">{t('to')}</p>
        </div>
      )}
      <Field
        id="mail"
        label={t('email')}
        value={email}
        onValue={setEmail}
        type="email"
        autoComplete="username"
        readOnly={known !== undefined}
      />
      <Field
        id="pw"
        label={t('password')}
        value={password}
        onValue={setPassword}
        type="password"
        autoComplete="current-password"
      />
      {signIn.wantsCode && (
        <CodeField
          value={code}
          onValue={setCode}
          onWhole={(whole) => signIn.submit({ email, password, code: whole })}
        />
      )}
      <Failure signIn={signIn} />
      <Button type="submit" look="primary" wide large busy={signIn.busy}>
        {t('submit')}
      </Button>
    </form>
  );
}

interface CodeFieldProps {
  readonly value: string;
  onValue(value: string): void;
  /** Six digits are there: nobody should have to press a button as well. */
  onWhole(value: string): void;
}

function CodeField({ value: shown, onValue, onWhole }: CodeFieldProps) {
  const t = useWords(english);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <div className="field">
      <label htmlFor="otp">{t('code')}</label>
      <input
        ref={input}
        className="input lg code num"
        id="otp"
        inputMode="numeric"
        autoComplete="one-time-code"
        value={shown}
        onInput={({ currentTarget: { value } }) => {
          onValue(value);
          if (/^\d{6}$/u.test(value)) onWhole(value);
        }}
      />
      <span className="hint">{t('code_hint')}</span>
    </div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly type: 'email' | 'password';
  readonly autoComplete: string;
  readonly readOnly?: boolean;
  onValue(value: string): void;
}

function Field({ id, label, value, onValue, readOnly = false, ...rest }: FieldProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        className="input lg"
        id={id}
        required
        value={value}
        readOnly={readOnly}
        onInput={(event) => onValue(event.currentTarget.value)}
        {...rest}
      />
    </div>
  );
}

function Failure({ signIn: { problem } }: { readonly signIn: SignIn }) {
  const t = useWords(english);
  if (problem === undefined) return null;
  return (
    <p className="fault" role="alert">
      <Icon name="alert" />
      {textOf(problem, t)}
    </p>
  );
}

function textOf(
  problem: NonNullable<SignIn['problem']>,
  t: ReturnType<typeof useWords<typeof english>>,
): string {
  if (problem.kind === 'unauthenticated') return t('wrong');
  if (problem.kind === 'rateLimited') {
    return t('wait', { s: Math.ceil((problem.retryAfterMs ?? 60_000) / 1_000) });
  }
  return problem.message;
}
