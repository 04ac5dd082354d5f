import { useState } from 'react';

import { identity } from '@plinth/identity';
import { Button, Dialog, useLocale, useToast, useWords } from '@plinth/ui/core';
import { instant } from '@plinth/ui/format';
import { RadioField, TextField, useForm } from '@plinth/ui/forms';

import english from '../../../messages/en/users.json';
import { client } from '../../data/client.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { invalidate } from '../../data/queries.ts';
import { roles } from './queries.ts';

interface Invited {
  readonly token: string;
  readonly expiresAt: string;
}

/** Makes an invitation, and shows its link once. */
export function InviteDialog({ onClose }: { onClose(): void }) {
  const t = useWords(english);
  const [invited, setInvited] = useState<Invited | undefined>(undefined);
  const form = useForm({
    schema: identity.operations.inviteUser.input,
    initial: { email: '', role: 'clerk' },
    save: (values, { signal }) => client.identity.inviteUser(values, { signal }),
    saved(answer) {
      setInvited(answer);
      void invalidate('identity', 'listInvitations');
    },
  });
  if (invited !== undefined) return <LinkDialog invited={invited} onClose={onClose} />;
  return (
    <FormDialog form={form} title={t('invite_title')} action={t('send')} onClose={onClose}>
      <TextField form={form} name="email" type="email" label={t('email')} autoFocus />
      <RadioField
        form={form}
        name="role"
        label={t('role')}
        options={roles.map((value) => ({
          value,
          label: `${t(`role_${value}`)}: ${t(`may_${value}`)}`,
        }))}
      />
    </FormDialog>
  );
}

interface LinkDialogProps {
  readonly invited: Invited;
  onClose(): void;
}

function LinkDialog({ invited: { token, expiresAt }, onClose }: LinkDialogProps) {
  const t = useWords(english);
  const toast = useToast();
  const { formats } = useLocale();
  const link = `${location.origin}/invite/${token}`;
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    toast({ text: t('copied') });
  };
  return (
    <Dialog
      title={t('link_title')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('close')}</Button>
          <Button look="primary" icon="copy" onClick={() => void copy()}>
            {t('copy')}
          </Button>
        </>
      }
    >
      <p className="mb-3">{t('link_text', { time: instant(Date.parse(expiresAt), formats) })}</p>
      <input className="input mono" readOnly aria-label={t('link')} value={link} />
    </Dialog>
  );
}
