import { type ReactNode, useState } from 'react';

import type { Problem } from '@plinth/core/problem';
import { Button, ButtonLink, useWords } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/invite.json';
import { client } from '../../data/client.ts';
import { Failure } from './failure.tsx';
import { CodeField, Field } from './fields.tsx';
import { Gate } from './gate.tsx';
import { useEntry } from './use-entry.ts';

interface Typed {
  readonly name: string;
  readonly password: string;
  readonly code: string;
}
const passwordCharactersMin = 8;
const nameCharactersMax = 200;

/** What an invitation's link leads to: choose a name and a password, or give the one that the account has. */
export function InvitePage({ token }: { readonly token: string }) {
  const t = useWords(english);
  useTitle(`${t('title')} · Plinth`);
  const [typed, setTyped] = useState<Typed>({ name: '', password: '', code: '' });
  const entry = useEntry<Typed>(
    ({ code, ...rest }) =>
      client.identity.acceptInvitation({ token, ...rest, ...(code === '' ? {} : { code }) }),
    // A session of somebody else may stand in the shell's memory: begin with this one's.
    () => location.assign('/'),
  );
  if (entry.problem !== undefined && isEnded(entry.problem)) return <Ended />;
  return (
    <Gate>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          entry.submit(typed);
        }}
      >
        <div>
          <h1 tabIndex={-1}>{t('title')}</h1>
          <p className="muted">{t('text')}</p>
        </div>
        <Field
          id="name"
          label={t('name')}
          value={typed.name}
          onValue={(name) => setTyped({ ...typed, name })}
          type="text"
          autoComplete="name"
          maxLength={nameCharactersMax}
        />
        <Field
          id="pw"
          label={t('password')}
          hint={t('password_hint')}
          value={typed.password}
          onValue={(password) => setTyped({ ...typed, password })}
          type="password"
          autoComplete="new-password"
          minLength={passwordCharactersMin}
        />
        {entry.wantsCode && (
          <CodeField
            value={typed.code}
            onValue={(code) => setTyped((before) => ({ ...before, code }))}
            onWhole={(code) => entry.submit({ ...typed, code })}
          />
        )}
        <Refusal problem={entry.problem} />
        <Button type="submit" look="primary" wide large busy={entry.busy}>
          {t('accept')}
        </Button>
      </form>
    </Gate>
  );
}

/** Who has an account already is told that it is its password which is asked for. */
function Refusal({ problem }: { readonly problem: Problem | undefined }): ReactNode {
  const t = useWords(english);
  return (
    <>
      <Failure problem={problem} />
      {problem?.kind === 'unauthenticated' && <p className="hint">{t('has_account')}</p>}
    </>
  );
}

/** A link that was cut off by a mail program is refused for its form. */
function isEnded({ kind, fields }: Problem): boolean {
  return kind === 'gone' || fields?.some(({ pointer }) => pointer === '/token') === true;
}

/** Used, taken back, too old, or never an invitation: all the same from outside. */
function Ended() {
  const t = useWords(english);
  return (
    <Gate>
      <form>
        <div role="alert">
          <h1 tabIndex={-1}>{t('ended')}</h1>
          <p className="muted">{t('ended_text')}</p>
        </div>
        <ButtonLink href="/">{t('to_sign_in')}</ButtonLink>
      </form>
    </Gate>
  );
}
