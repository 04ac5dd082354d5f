import { Panel, useWords } from '@plinth/ui/core';
import { type FormState, MoneyField, NumberField, TextArea, TextField } from '@plinth/ui/forms';
import { useSyncExternalStore } from 'react';

import english from '../../../messages/en/customer-form.json';
import { Similar } from './similar.tsx';

interface FieldsProps {
  readonly form: FormState;
  readonly isNew: boolean;
}

/** What a person writes about a customer, in four panels. */
export function CustomerFields({ form, isNew }: FieldsProps) {
  const t = useWords(english);
  return (
    <div className="grid gap-4 mt-4">
      <Panel title={t('who')}>
        <div className="fields">
          <TextField form={form} name="name" label={t('name')} span={8} autoFocus={isNew} />
          <TextField
            form={form}
            name="number"
            label={t('number')}
            span={4}
            {...(isNew ? { hint: t('number_hint') } : {})}
          />
          {isNew && <Similar form={form} />}
          <TextField form={form} name="legalName" label={t('legal_name')} span={8} nullable />
          <TextField form={form} name="vatId" label={t('vat_id')} span={4} nullable />
        </div>
      </Panel>
      <Panel title={t('reach')}>
        <div className="fields">
          <TextField
            form={form}
            name="email"
            type="email"
            label={t('email')}
            hint={t('email_hint')}
            span={6}
            nullable
          />
          <TextField form={form} name="phone" type="tel" label={t('phone')} span={6} nullable />
          <TextField form={form} name="street" label={t('street')} nullable />
          <TextField form={form} name="postalCode" label={t('postal_code')} span={4} nullable />
          <TextField form={form} name="city" label={t('city')} span={8} nullable />
          <TextField form={form} name="region" label={t('region')} span={8} nullable />
          <TextField
            form={form}
            name="country"
            label={t('country')}
            hint={t('country_hint')}
            span={4}
          />
        </div>
      </Panel>
      <TermsPanel form={form} />
    </div>
  );
}

function TermsPanel({ form }: { readonly form: FormState }) {
  const t = useWords(english);
  const currency = useSyncExternalStore(form.store.subscribe, () => form.store.get('currency'));
  const isCode = typeof currency === 'string' && /^[A-Z]{3}$/u.test(currency);
  return (
    <Panel title={t('terms')}>
      <div className="fields">
        <TextField
          form={form}
          name="currency"
          label={t('currency')}
          hint={t('currency_hint')}
          span={4}
        />
        <NumberField form={form} name="termDays" label={t('term_days')} span={4} />
        <MoneyField
          form={form}
          name="creditLimitMinor"
          label={t('limit')}
          hint={t('limit_hint')}
          currency={isCode ? currency : 'EUR'}
          nullable
          span={4}
        />
        <TextArea form={form} name="notes" label={t('notes')} nullable />
      </div>
    </Panel>
  );
}
