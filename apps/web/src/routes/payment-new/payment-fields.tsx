import { Panel, useWords } from '@plinth/ui/core';
import { DateField, type FormState, MoneyField, SelectField, TextField } from '@plinth/ui/forms';

import english from '../../../messages/en/payment-new.json';
import { CustomerPicker, type PickedCustomer } from '../../parts/customer-picker.tsx';
import { methods, useMethod } from '../../parts/payment-method.ts';

interface PaymentFieldsProps {
  readonly form: FormState;
  readonly currencies: readonly string[];
  readonly currency: string;
  readonly customer: PickedCustomer | undefined;
  onPicked(customer: PickedCustomer): void;
}

/** What came in: the amount first. */
export function PaymentFields(props: PaymentFieldsProps) {
  const { form, currencies, currency, customer, onPicked } = props;
  const t = useWords(english);
  const methodName = useMethod();
  const chosen = methods.filter((method) => method !== 'opening');
  return (
    <Panel title={t('received_money')}>
      <div className="fields">
        <MoneyField
          form={form}
          name="amountMinor"
          label={t('amount')}
          currency={currency}
          span={4}
          autoFocus
        />
        <SelectField
          form={form}
          name="currency"
          label={t('currency')}
          span={4}
          options={currencies.map((code) => ({ value: code, label: code }))}
        />
        <DateField form={form} name="receivedOn" label={t('received_on')} span={4} />
        <CustomerPicker
          form={form}
          name="customerId"
          label={t('customer')}
          hint={t('customer_hint')}
          span={8}
          initialLabel={customer?.name}
          onPicked={onPicked}
        />
        <SelectField
          form={form}
          name="method"
          label={t('method')}
          span={4}
          options={chosen.map((method) => ({ value: method, label: methodName(method) }))}
        />
        <TextField
          form={form}
          name="reference"
          label={t('reference')}
          hint={t('reference_hint')}
          span={6}
        />
        <TextField form={form} name="note" label={t('note')} span={6} />
      </div>
    </Panel>
  );
}
