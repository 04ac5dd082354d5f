import { identity } from '@plinth/identity';
import { Button, Panel, useToast, useWords } from '@plinth/ui/core';
import { Form, TextField, useForm } from '@plinth/ui/forms';

import english from '../../../messages/en/me.json';
import { client } from '../../data/client.ts';
import { invalidate } from '../../data/queries.ts';

const empty = { current: '', next: '' };

export function PasswordPanel() {
  const t = useWords(english);
  const toast = useToast();
  const form = useForm({
    schema: identity.operations.changePassword.input,
    initial: empty,
    save: (values, { signal }) => client.identity.changePassword(values, { signal }),
    saved() {
      form.store.reset(empty);
      toast({ text: t('password_changed'), tone: 'ok' });
      void invalidate('identity', 'listSessions');
    },
  });
  return (
    <Panel title={t('password')}>
      <Form form={form} className="grid gap-4">
        <div className="fields">
          <TextField
            form={form}
            name="current"
            type="password"
            autoComplete="current-password"
            label={t('current')}
          />
          <TextField
            form={form}
            name="next"
            type="password"
            autoComplete="new-password"
            label={t('next')}
            hint={t('next_hint')}
          />
        </div>
        <div>
          <Button type="submit" busy={form.busy}>
            {t('change_password')}
          </Button>
        </div>
      </Form>
    </Panel>
  );
}
