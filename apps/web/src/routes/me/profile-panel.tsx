import { identity } from '@plinth/identity';
import { Button, Facts, Panel, useToast, useWords } from '@plinth/ui/core';
import { Form, SelectField, TextField, useForm } from '@plinth/ui/forms';

import english from '../../../messages/en/me.json';
import { client, session } from '../../data/client.ts';
import { useMe } from '../../shell/session.tsx';

const locales = ['en-GB', 'en-US', 'de-DE', 'de-AT', 'pl-PL', 'fr-FR'] as const;
const schema = identity.operations.changeMe.input.omit({ version: true });

/** Name and formats. */
export function ProfilePanel() {
  const t = useWords(english);
  const toast = useToast();
  const { user, tenant, role } = useMe();
  const form = useForm({
    schema,
    initial: { name: user.name, locale: user.locale, zone: user.zone },
    version: user.version,
    save: (values, { idempotencyKey, ifMatch, signal }) =>
      client.identity.changeMe(
        { ...values, ...(ifMatch === undefined ? {} : { version: ifMatch }) },
        { key: idempotencyKey, signal },
      ),
    saved() {
      toast({ text: t('saved'), tone: 'ok' });
      void readMe();
    },
  });
  return (
    <Panel title={t('profile')}>
      <Form form={form} className="grid gap-4">
        <Facts
          items={[
            [t('email'), user.email],
            [t('role'), t(`role_${role}`)],
          ]}
        />
        <div className="fields">
          <TextField form={form} name="name" label={t('name')} autoComplete="name" />
          <SelectField
            form={form}
            name="locale"
            label={t('locale')}
            span={6}
            parse={(text) => (text === '' ? null : text)}
            options={[
              { value: '', label: t('as_company', { value: tenant.locale }) },
              ...locales.map((value) => ({ value, label: t(`locale_${value}`) })),
            ]}
          />
          <TextField
            form={form}
            name="zone"
            label={t('zone')}
            hint={t('zone_hint', { zone: tenant.zone })}
            span={6}
            nullable
          />
        </div>
        <div>
          <Button type="submit" look="primary" busy={form.busy}>
            {t('save')}
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

/** Formats and name are everywhere: the whole page follows. */
async function readMe(): Promise<void> {
  session.begin(await client.identity.whoAmI({}));
}
