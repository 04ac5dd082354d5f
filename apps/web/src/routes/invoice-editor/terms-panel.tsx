import { Panel, useWords } from '@plinth/ui/core';
import { addDays, daysBetween } from '@plinth/ui/format';
import { DateField, type FormState, SelectField, TextArea, TextField } from '@plinth/ui/forms';

import english from '../../../messages/en/draft.json';
import { CustomerPicker } from '../../parts/customer-picker.tsx';
import { useMe } from '../../shell/session.tsx';
import type { DraftEditor } from './draft-editor.ts';
import { isBlank } from './draft-text.ts';
import type { EditorView } from './editor-view.ts';

interface TermsPanelProps {
  readonly form: FormState;
  readonly editor: DraftEditor;
  readonly view: EditorView;
}

/** Whom it is for, in what, and until when. */
export function TermsPanel({ form, editor, view }: TermsPanelProps) {
  const t = useWords(english);
  const { text, stored } = view;
  const { customer, currency, issueDate, dueDate } = text;
  const days = daysBetween(issueDate, dueDate);
  return (
    <Panel title={t('terms')}>
      <div className="fields">
        <CustomerPicker
          key={stored?.customerId ?? 'new'}
          form={form}
          name="customerId"
          label={t('customer')}
          hint={t('customer_hint')}
          span={8}
          autoFocus={customer === undefined}
          initialLabel={customer?.name}
          onPicked={({ id, name, currency: own, termDays }) => {
            const priced = text.lines.some((line) => !isBlank(line));
            editor.change({
              customer: { id, name },
              ...(priced ? {} : { currency: own }),
              dueDate: addDays(issueDate, termDays),
            });
          }}
        />
        <CurrencyField form={form} currency={currency} />
        <DateField
          form={form}
          name="issueDate"
          label={t('issue_date')}
          hint={t('issue_date_hint')}
          span={4}
        />
        <DateField
          form={form}
          name="dueDate"
          label={t('due_date')}
          hint={days >= 0 ? t('days_after', { n: days }) : undefined}
          span={4}
        />
        <TextField
          form={form}
          name="reference"
          label={t('reference')}
          hint={t('reference_hint')}
          span={4}
        />
      </div>
    </Panel>
  );
}

/** Commonly billed in; the company's own and the draft's always. */
const common = ['EUR', 'USD', 'GBP', 'CHF', 'PLN', 'CZK', 'SEK', 'NOK', 'DKK', 'JPY'];

function CurrencyField({
  form,
  currency,
}: {
  readonly form: FormState;
  readonly currency: string;
}) {
  const t = useWords(english);
  const { tenant } = useMe();
  const codes = [...new Set([tenant.currency, currency, ...common])];
  return (
    <SelectField
      form={form}
      name="currency"
      label={t('currency')}
      span={4}
      options={codes.map((code) => ({ value: code, label: code }))}
    />
  );
}

/** What stands below the lines, and what does not. */
export function NotesPanel({ form }: { readonly form: FormState }) {
  const t = useWords(english);
  return (
    <Panel title={t('notes')}>
      <div className="fields">
        <TextArea form={form} name="note" label={t('note')} span={6} />
        <TextArea
          form={form}
          name="internalNote"
          label={t('internal_note')}
          hint={t('internal_hint')}
          span={6}
        />
      </div>
    </Panel>
  );
}
