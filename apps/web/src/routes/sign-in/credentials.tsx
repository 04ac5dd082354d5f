import { useState } from 'react';

import { Button, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/sign-in.json';
import { client, session } from '../../data/client.ts';
import { Failure } from './failure.tsx';
import { CodeField, Field } from './fields.tsx';
import { useEntry } from './use-entry.ts';

interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly code: string;
}

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
  const signIn = useEntry(
    (typed: Credentials) => {
      const { code: given, ...rest } = typed;
      return client.identity.signIn(given === '' ? rest : typed);
    },
    (me) => session.begin(me),
  );
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
      <Failure problem={signIn.problem} />
      <Button type="submit" look="primary" wide large busy={signIn.busy}>
        {t('submit')}
      </Button>
    </form>
  );
}
