import { Dialog, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/shell.json';
import { session } from '../../data/client.ts';
import type { Me } from '../../data/session.ts';
import { CredentialsForm } from './credentials.tsx';

/** Over the page whose session ended: calls wait, and go on once the person has signed in again. */
export function SessionDialog({ me }: { readonly me: Me }) {
  const t = useWords(english);
  return (
    <Dialog title={t('expired_title')} onClose={() => session.end()}>
      <p>{t('expired_text', { name: me.user.name })}</p>
      <CredentialsForm email={me.user.email} />
    </Dialog>
  );
}
