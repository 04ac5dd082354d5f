import { Panel, useWords } from '@plinth/ui/core';
import { type FormState, SelectField, TextField } from '@plinth/ui/forms';

import english from '../../../messages/en/company.json';

const locales = ['en-GB', 'en-US', 'de-DE', 'de-AT', 'pl-PL', 'fr-FR'] as const;

export function CompanyFields({ form }: { readonly form: FormState }) {
  const t = useWords(english);
  return (
    <>
      <Panel title={t('who')} note={t('who_note')}>
        <div className="fields">
          <TextField form={form} name="name" label={t('name')} hint={t('name_hint')} span={4} />
          <TextField form={form} name="legalName" label={t('legal_name')} span={4} nullable />
          <TextField form={form} name="vatId" label={t('vat_id')} span={4} nullable />
          <TextField form={form} name="email" type="email" label={t('email')} span={6} nullable />
          <TextField form={form} name="phone" type="tel" label={t('phone')} span={6} nullable />
        </div>
      </Panel>
      <Panel title={t('address')}>
        <div className="fields">
          <TextField form={form} name="street" label={t('street')} nullable />
          <TextField form={form} name="postalCode" label={t('postal_code')} span={4} nullable />
          <TextField form={form} name="city" label={t('city')} span={4} nullable />
          <TextField
            form={form}
            name="country"
            label={t('country')}
            hint={t('country_hint')}
            span={4}
            nullable
          />
        </div>
      </Panel>
      <Panel title={t('money')}>
        <div className="fields">
          <TextField
            form={form}
            name="iban"
            label={t('iban')}
            hint={t('iban_hint')}
            span={8}
            nullable
          />
          <TextField
            form={form}
            name="currency"
            label={t('currency')}
            hint={t('currency_hint')}
            span={4}
          />
          <TextField form={form} name="zone" label={t('zone')} hint={t('zone_hint')} span={6} />
          <SelectField
            form={form}
            name="locale"
            label={t('locale')}
            span={6}
            options={locales.map((value) => ({ value, label: t(`locale_${value}`) }))}
          />
        </div>
      </Panel>
    </>
  );
}
