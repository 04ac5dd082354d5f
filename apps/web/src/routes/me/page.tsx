import { Head, useWords } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/me.json';
import { prefetch } from '../../data/queries.ts';
import { LookPanel } from './look-panel.tsx';
import { PasswordPanel } from './password-panel.tsx';
import { ProfilePanel } from './profile-panel.tsx';
import { SessionsPanel, sessionsQuery } from './sessions-panel.tsx';
import { TotpPanel } from './totp-panel.tsx';

export function data(): void {
  prefetch(sessionsQuery);
}

/** Oneself: name, formats, appearance, password, and where one is signed in. */
export function Page() {
  const t = useWords(english);
  useTitle(t('title'));
  return (
    <div className="page">
      <Head title={t('title')} />
      <div className="cols">
        <div className="c7 grid gap-4 content-start">
          <ProfilePanel />
          <SessionsPanel />
        </div>
        <div className="c5 grid gap-4 content-start">
          <LookPanel />
          <PasswordPanel />
          <TotpPanel />
        </div>
      </div>
    </div>
  );
}
