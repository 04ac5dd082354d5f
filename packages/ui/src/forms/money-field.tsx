import { useEffect, useState } from 'react';

import { useLocale } from '../core/locale.tsx';
import { amount, exponentOf, type MoneyFault, parseMoney } from '../format/index.ts';
import { type FieldProps, FieldFrame, useField } from './field.tsx';
import type { FormTranslate } from './issue-text.ts';

interface MoneyFieldProps extends FieldProps {
  readonly currency: string;
  /** An empty field is null: no limit, say. */
  readonly nullable?: boolean | undefined;
}

/** An amount as text, in any of the ways that people write one; its value is minor units. */
export function MoneyField(props: MoneyFieldProps) {
  const field = useField(props);
  const { formats } = useLocale();
  const { currency, nullable, form } = props;
  const written = (minor: unknown) =>
    typeof minor === 'number' ? amount({ minor, currency }, formats) : '';
  const [typed, setTyped] = useState(() => written(field.value));
  const [focused, setFocused] = useState(false);
  // A value from elsewhere (undo, another currency) is written anew; while someone types, nothing is.
  useEffect(() => {
    if (!focused && field.fault === undefined) setTyped(written(field.value));
  }, [field.value, currency, focused]);
  return (
    <FieldFrame {...props} field={field}>
      <input
        {...field.control}
        className="input num end"
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        onFocus={() => setFocused(true)}
        onInput={({ currentTarget: { value } }) => {
          setTyped(value);
          const parsed = parseMoney(value, currency, formats);
          if (parsed.ok) field.set(parsed.minor);
          else if (parsed.code === 'empty') field.set(nullable === true ? null : undefined);
          else field.refuse(faultText(parsed.code, currency, form.words));
        }}
        onBlur={() => {
          setFocused(false);
          field.onBlur();
        }}
      />
    </FieldFrame>
  );
}

function faultText(
  code: Exclude<MoneyFault, 'empty'>,
  currency: string,
  words: FormTranslate,
): string {
  if (code === 'too-precise') {
    return words('money_too_precise', { currency, n: exponentOf(currency) });
  }
  if (code === 'too-large') return words('money_too_large');
  return words(code === 'ambiguous' ? 'money_ambiguous' : 'money_not_number');
}
