import { useState } from 'react';

import { identity } from '@plinth/identity';
import { Button, Dialog, useLocale, useToast, useWords } from '@plinth/ui/core';
import { addDays, day } from '@plinth/ui/format';
import { type FormState, SelectField, TextField, useField, useForm } from '@plinth/ui/forms';

import english from '../../../messages/en/api-keys.json';
import { client } from '../../data/client.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { invalidate } from '../../data/queries.ts';
import { useCan } from '../../shell/session.tsx';
import { rights, wordOf } from './rights.ts';

const livesDays = [30, 90, 365, 729] as const;
const usualDays = 365;

/** Makes a key, and shows it once. */
export function KeyDialog({ onClose }: { onClose(): void }) {
  const t = useWords(english);
  const { formats, today } = useLocale();
  const [made, setMade] = useState<string | undefined>(undefined);
  const end = (days: number) => `${addDays(today, days)}T23:59:59Z`;
  const form = useForm({
    schema: identity.operations.createApiKey.input,
    initial: { name: '', permissions: [], expiresAt: end(usualDays) },
    save: (values, { signal }) => client.identity.createApiKey(values, { signal }),
    saved({ key }) {
      setMade(key);
      void invalidate('identity', 'listApiKeys');
    },
  });
  if (made !== undefined) return <ReadyDialog apiKey={made} onClose={onClose} />;
  return (
    <FormDialog form={form} title={t('new')} action={t('make')} onClose={onClose}>
      <TextField form={form} name="name" label={t('name')} hint={t('name_hint')} />
      <RightsField form={form} />
      <SelectField
        form={form}
        name="expiresAt"
        label={t('ends')}
        options={livesDays.map((days) => ({
          value: end(days),
          label: day(addDays(today, days), formats),
        }))}
      />
    </FormDialog>
  );
}

/** Nobody gives a key what they have not. */
function RightsField({ form }: { readonly form: FormState }) {
  const t = useWords(english);
  const can = useCan();
  const field = useField({ form, name: 'permissions', label: t('rights') });
  const chosen = Array.isArray(field.value) ? field.value : [];
  return (
    <fieldset className="field">
      <legend className="label">{t('rights')}</legend>
      <div className="grid grid-cols-2 max-phone:grid-cols-1">
        {rights.filter(can).map((right) => (
          <label key={right} className="check">
            <input
              className="box"
              type="checkbox"
              checked={chosen.includes(right)}
              onChange={({ currentTarget: { checked } }) => {
                const others = rights.filter((one) => one !== right && chosen.includes(one));
                field.set(checked ? [...others, right] : others);
              }}
            />
            {t(wordOf(right))}
          </label>
        ))}
      </div>
      {field.fault !== undefined && <span className="fault">{t('choose_rights')}</span>}
    </fieldset>
  );
}

interface ReadyProps {
  readonly apiKey: string;
  onClose(): void;
}

function ReadyDialog({ apiKey, onClose }: ReadyProps) {
  const t = useWords(english);
  const toast = useToast();
  const copy = async () => {
    await navigator.clipboard.writeText(apiKey);
    toast({ text: t('copied') });
  };
  return (
    <Dialog
      title={t('ready_title')}
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
      <div className="grid gap-4">
        <p>{t('ready_text')}</p>
        <input className="input mono" readOnly aria-label={t('key')} value={apiKey} />
        <div>
          <p className="label">{t('example')}</p>
          <pre className="mono">{`curl ${location.origin}/v1/invoices \\\n  -H 'Authorization: Bearer ${apiKey}'`}</pre>
        </div>
      </div>
    </Dialog>
  );
}
