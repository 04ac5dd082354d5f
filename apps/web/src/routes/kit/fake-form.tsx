import { z } from '@plinth/core/z';
import { Problem } from '@plinth/core/problem';

import { Button, Money, useToast } from '@plinth/ui/core';
import {
  CheckField,
  ComboField,
  DateField,
  FileDrop,
  Form,
  type FormState,
  LinesTable,
  MoneyField,
  NumberField,
  SelectField,
  TextArea,
  TextField,
  useForm,
} from '@plinth/ui/forms';

const schema = z.object({
  name: z.string().trim().min(1).max(20),
  email: z.email(),
  limitMinor: z.int().nullable(),
  due: z.iso.date(),
  term: z.int().min(0).max(365),
  state: z.enum(['open', 'closed']),
  customer: z.string(),
  fixed: z.boolean(),
  note: z.string().max(100),
  lines: z.array(
    z.object({
      text: z.string().min(1),
      quantity: z.string().regex(/^\d+$/u),
      priceMinor: z.int(),
    }),
  ),
});

/** A form with every field; saving it is always refused. */
export function FakeForm() {
  const toast = useToast();
  const form = useForm({
    schema,
    initial: {
      name: '',
      email: 'x',
      limitMinor: 123_450,
      due: '2026-11-23',
      term: 30,
      state: 'open',
      customer: '',
      fixed: true,
      note: '',
      lines: [{ text: 'Linear guide', quantity: '12', priceMinor: 48_000 }],
    },
    save: async () => {
      throw new Problem('The name is taken.', {
        code: 'x.taken',
        kind: 'conflict',
        fields: [{ pointer: '/name', code: 'taken', message: 'Another customer has it.' }],
      });
    },
    saved: () => toast({ text: 'Saved', tone: 'ok' }),
  });
  return (
    <Form form={form}>
      <div className="fields mt-4">
        <Fields form={form} />
        <Lines form={form} />
        <FileDrop
          accept=".csv"
          bytesMax={1_000_000}
          hint="CSV up to 1 MB"
          onFile={({ name }) => toast({ text: name })}
        />
        <div>
          <Button type="submit" look="primary" busy={form.busy}>
            Save
          </Button>
        </div>
      </div>
    </Form>
  );
}

function Fields({ form }: { readonly form: FormState }) {
  const toast = useToast();
  return (
    <>
      <TextField form={form} name="name" label="Name" span={6} hint="As on documents" />
      <TextField form={form} name="email" label="E-mail" type="email" span={6} />
      <MoneyField
        form={form}
        name="limitMinor"
        label="Credit limit"
        currency="EUR"
        nullable
        span={4}
      />
      <DateField form={form} name="due" label="Due" span={4} />
      <NumberField form={form} name="term" label="Days" span={4} />
      <SelectField
        form={form}
        name="state"
        label="State"
        span={6}
        options={[
          { value: 'open', label: 'Open' },
          { value: 'closed', label: 'Closed' },
        ]}
      />
      <ComboField
        form={form}
        name="customer"
        label="Customer"
        span={6}
        load={async (text) => [{ value: '1', label: `${text} GmbH`, detail: 'Berlin' }]}
        onCreate={(text) => toast({ text })}
      />
      <CheckField form={form} name="fixed" label="Fixed price" />
      <TextArea form={form} name="note" label="Note" />
    </>
  );
}

function Lines({ form }: { readonly form: FormState }) {
  return (
    <LinesTable
      form={form}
      name="lines"
      label="Lines"
      linesMax={2_000}
      create={() => ({ text: '', quantity: '1', priceMinor: 0 })}
      sumLabel="Net"
      sum={() => <Money minor={1} currency="EUR" bare />}
      columns={[
        {
          id: 'text',
          label: 'Item',
          cell: (name) => <TextField form={form} name={name} label="Item" bare />,
        },
        {
          id: 'quantity',
          label: 'Qty',
          end: true,
          className: 'w-20',
          cell: (name) => <TextField form={form} name={name} label="Qty" bare figures />,
        },
        {
          id: 'priceMinor',
          label: 'Unit price',
          end: true,
          className: 'w-32',
          cell: (name) => (
            <MoneyField form={form} name={name} label="Unit price" currency="EUR" bare />
          ),
        },
      ]}
    />
  );
}
