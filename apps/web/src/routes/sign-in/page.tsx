import { useWords } from '@plinth/ui/core';
import { useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/sign-in.json';
import { CredentialsForm } from './credentials.tsx';
import { Gate } from './gate.tsx';

export function SignInPage() {
  const t = useWords(english);
  useTitle(`${t('title')} · Plinth`);
  return (
    <Gate>
      <CredentialsForm />
      <p className="hint">{t('invited')}</p>
    </Gate>
  );
}
