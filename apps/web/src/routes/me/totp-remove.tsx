import { identity } from '@plinth/identity';
import { Button, Dialog, useWords } from '@plinth/ui/core';
import { FormFaults, TextField, useForm } from '@plinth/ui/forms';

import english from '../../../messages/en/totp.json';
import { client } from '../../data/client.ts';

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
    <Dialog
      title={t('remove_title')}
      onClose={onClose}
      onSubmit={() => form.submit()}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" look="danger" busy={form.busy}>
            {t('turn_off')}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormFaults form={form} />
        <p>{t('remove_text')}</p>
        <TextField
          form={form}
          name="password"
          type="password"
          autoComplete="current-password"
          label={t('password')}
        />
      </div>
    </Dialog>
  );
}
