import { identity } from '@plinth/identity';
import { useWords } from '@plinth/ui/core';
import { TextField, useForm } from '@plinth/ui/forms';

import english from '../../../messages/en/totp.json';
import { client } from '../../data/client.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';

interface RemoveProps {
  onClose(): void;
  onDone(): void;
}

export function RemoveDialog({ onClose, onDone }: RemoveProps) {
  const t = useWords(english);
  const form = useForm({
    schema: identity.operations.removeTotp.input,
    initial: { password: '' },
    save: (values, { signal }) => client.identity.removeTotp(values, { signal }),
    saved: onDone,
  });
  return (
    <FormDialog
      form={form}
      title={t('remove_title')}
      action={t('turn_off')}
      danger
      onClose={onClose}
    >
      <p>{t('remove_text')}</p>
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
