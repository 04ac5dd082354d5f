import { useState } from 'react';

import { identity } from '@plinth/identity';
import { useWords } from '@plinth/ui/core';
import { TextField, useForm } from '@plinth/ui/forms';

import english from '../../../messages/en/totp.json';
import { client } from '../../data/client.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { QrImage } from './qr-image.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

interface SetUpProps {
  onClose(): void;
  /** It is on. The dialog stays until the recovery codes were seen. */
  onDone(): void;
}

interface Begun {
  readonly secret: string;
  readonly uri: string;
}

/** Password, then the key for the authenticator and its first code, then the recovery codes. */
export function SetUpDialog({ onClose, onDone }: SetUpProps) {
  const [begun, setBegun] = useState<Begun | undefined>(undefined);
  const [codes, setCodes] = useState<readonly string[] | undefined>(undefined);
  if (codes !== undefined) return <RecoveryCodes codes={codes} onClose={onClose} />;
  if (begun === undefined) return <PasswordStep onClose={onClose} onBegun={setBegun} />;
  return (
    <CodeStep
      begun={begun}
      onClose={onClose}
      onCodes={(made) => {
        setCodes(made);
        onDone();
      }}
    />
  );
}

interface PasswordProps {
  onClose(): void;
  onBegun(begun: Begun): void;
}

function PasswordStep({ onClose, onBegun }: PasswordProps) {
  const t = useWords(english);
  const form = useForm({
    schema: identity.operations.enrolTotp.input,
    initial: { password: '' },
    save: (values, { signal }) => client.identity.enrolTotp(values, { signal }),
    saved: onBegun,
  });
  return (
    <FormDialog form={form} title={t('title')} action={t('next')} onClose={onClose}>
      <TextField
        form={form}
        name="password"
        type="password"
        autoComplete="current-password"
        label={t('password')}
      />
    </FormDialog>
  );
}

interface CodeProps {
  readonly begun: Begun;
  onClose(): void;
  onCodes(codes: readonly string[]): void;
}

const groupCharacters = 4;

function CodeStep({ begun: { secret, uri }, onClose, onCodes }: CodeProps) {
  const t = useWords(english);
  const form = useForm({
    schema: identity.operations.confirmTotp.input,
    initial: { code: '' },
    save: (values, { signal }) => client.identity.confirmTotp(values, { signal }),
    saved: ({ recoveryCodes }) => onCodes(recoveryCodes),
  });
  const groups = secret.match(new RegExp(`.{1,${groupCharacters}}`, 'gu')) ?? [];
  return (
    <FormDialog form={form} title={t('add_title')} action={t('confirm')} onClose={onClose}>
      <p>{t('add_text')}</p>
      <div className="flex justify-center">
        <QrImage text={uri} label={t('qr')} />
      </div>
      <div>
        <p className="label">{t('secret')}</p>
        <p className="mono">{groups.join(' ')}</p>
        <a href={uri}>{t('open_app')}</a>
      </div>
      <TextField form={form} name="code" autoComplete="one-time-code" label={t('code')} />
    </FormDialog>
  );
}
