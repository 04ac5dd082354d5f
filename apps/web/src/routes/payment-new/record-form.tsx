import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import type { z } from '@plinth/core/z';
import { payments } from '@plinth/payments';
import {
  Button,
  ButtonLink,
  ErrorState,
  Head,
  Panel,
  Skeleton,
  useLocale,
  useToast,
  useWords,
} from '@plinth/ui/core';
import { money } from '@plinth/ui/format';
import { Form, type FormState, useForm } from '@plinth/ui/forms';
import { useRouter } from '@plinth/ui/router';

import english from '../../../messages/en/payment-new.json';
import { client } from '../../data/client.ts';
import { queryOf } from '../../data/queries.ts';
import type { PickedCustomer } from '../../parts/customer-picker.tsx';
import { OpenItems } from '../../parts/open-items.tsx';
import { type OpenItem, toSpread } from '../../parts/spread.ts';
import { type SpreadState, useSpread } from '../../parts/use-spread.ts';
import { useMe } from '../../shell/session.tsx';
import { PaymentFields } from './payment-fields.tsx';
import { Summary } from './summary.tsx';

interface RecordFormProps {
  /** Whom it is from, where that is known. */
  readonly customer: PickedCustomer | undefined;
  /** What it is for, where that is known: its open amount is the likeliest. */
  readonly invoice: OpenItem | undefined;
}

const schema = payments.operations.recordPayment.input.omit({ allocate: true });

/** Amount, customer, day; then which invoices it pays, with the rest in sight. */
export function RecordForm({ customer, invoice }: RecordFormProps) {
  const { today } = useLocale();
  const { tenant } = useMe();
  const [picked, setPicked] = useState(customer);
  const spreadNow = useRef<SpreadState | undefined>(undefined);
  const form = useRecordForm(
    spreadNow,
    beginWith({ customer, invoice }, { today, currency: tenant.currency }),
  );
  const values = valuesOf(form);
  const open = useQuery({
    ...queryOf('payments', 'listOpenItems', { customerId: values.customerId }),
    enabled: values.customerId !== '',
    staleTime: 0,
  });
  const items = open.data?.items ?? [];
  const spread = useSpread({
    items,
    minor: values.amountMinor,
    currency: values.currency,
    first: invoice?.invoiceId,
  });
  spreadNow.current = spread;
  return (
    <Form form={form} className="page">
      <FormHead values={values} spread={spread} busy={form.busy} />
      <div className="detail">
        <div className="flex min-w-0 flex-col gap-4">
          <PaymentFields
            form={form}
            currencies={currenciesOf(items, [values.currency, tenant.currency])}
            currency={values.currency}
            customer={picked}
            onPicked={(next) => {
              setPicked(next);
              form.store.set('currency', next.currency);
              spread.spreadOldest();
            }}
          />
          <OpenPanel open={open} values={values} spread={spread} />
        </div>
        <Summary
          minor={values.amountMinor}
          currency={values.currency}
          spread={spread}
          credits={open.data?.credits ?? []}
        />
      </div>
    </Form>
  );
}

/** The amount of the invoice that it is for, in its currency; else only what is known of the customer. */
function beginWith(
  { customer, invoice }: RecordFormProps,
  { today, currency }: { readonly today: string; readonly currency: string },
): Begun {
  return {
    customerId: customer?.id ?? '',
    currency: invoice?.currency ?? customer?.currency ?? currency,
    ...(invoice === undefined ? {} : { amountMinor: invoice.openMinor }),
    receivedOn: today,
    method: 'transfer',
  };
}

interface Values {
  readonly customerId: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly reference: string;
}

/** What is typed so far; the store holds it untyped until it is checked. */
function valuesOf({ store }: FormState): Values {
  const text = (name: string) => {
    const value = store.get(name);
    return typeof value === 'string' ? value : '';
  };
  const minor = store.get('amountMinor');
  return {
    customerId: text('customerId'),
    currency: text('currency'),
    amountMinor: typeof minor === 'number' ? minor : 0,
    reference: text('reference'),
  };
}

type Input = z.input<typeof schema>;
type Begun = Omit<Input, 'amountMinor'> & Partial<Pick<Input, 'amountMinor'>>;

function useRecordForm(
  spread: { readonly current: SpreadState | undefined },
  begun: Begun,
): FormState {
  const t = useWords(english);
  const toast = useToast();
  const router = useRouter();
  return useForm({
    schema,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the amount may be missing: the form says so when it is sent
    initial: begun as Input,
    save: (values, { idempotencyKey, signal }) => {
      const allocate = spread.current === undefined ? undefined : toSpread(spread.current.plan);
      const input = allocate === undefined ? values : { ...values, allocate };
      return client.payments.recordPayment(input, { key: idempotencyKey, signal });
    },
    saved: ({ id, number }) => {
      toast({ text: t('done', { number }), tone: 'ok' });
      router.navigate(`/payments/${id}`);
    },
  });
}

interface FormHeadProps {
  readonly values: Values;
  readonly spread: SpreadState;
  readonly busy: boolean;
}

function FormHead({ values, spread, busy }: FormHeadProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { amountMinor: minor, currency, customerId } = values;
  const { plan } = spread;
  const wrong = plan.faults.size > 0 || plan.restMinor < 0;
  const why =
    minor <= 0
      ? 'off_amount'
      : customerId === ''
        ? 'off_customer'
        : wrong
          ? 'off_spread'
          : undefined;
  return (
    <Head
      title={t('title')}
      crumbs={[{ label: t('payments'), href: '/payments' }]}
      actions={
        <>
          <ButtonLink href="/payments">{t('cancel')}</ButtonLink>
          <Button type="submit" look="primary" busy={busy} off={why === undefined ? '' : t(why)}>
            {minor > 0
              ? t('record', { amount: money({ minor, currency }, formats) })
              : t('record_none')}
          </Button>
        </>
      }
    />
  );
}

interface OpenPanelProps {
  readonly open: {
    readonly data: { readonly items: readonly OpenItem[]; readonly more: boolean } | undefined;
    readonly error: unknown;
    readonly isError: boolean;
    refetch(): unknown;
  };
  readonly values: Values;
  readonly spread: SpreadState;
}

function OpenPanel({ open, values, spread }: OpenPanelProps) {
  const t = useWords(english);
  const { customerId, currency, reference } = values;
  return (
    <Panel title={t('open_items')} flush>
      {customerId === '' ? (
        <p className="muted px-4 pb-4">{t('choose_customer')}</p>
      ) : open.data !== undefined ? (
        <OpenItems
          items={open.data.items}
          more={open.data.more}
          currency={currency}
          spread={spread}
          reference={reference}
        />
      ) : open.isError ? (
        <ErrorState error={open.error} onRetry={() => void open.refetch()} />
      ) : (
        <div className="px-4 pb-4">
          <Skeleton lines={4} />
        </div>
      )}
    </Panel>
  );
}

/** The likeliest first, each once. */
function currenciesOf(items: readonly OpenItem[], own: readonly string[]): readonly string[] {
  return [...new Set([...own, ...items.map(({ currency }) => currency)])];
}
