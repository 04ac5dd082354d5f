import { useEffect, useState } from 'react';

import { Icon } from '../core/icon.tsx';
import { useLocale } from '../core/locale.tsx';
import { Popover } from '../core/popover.tsx';
import { day, isDay, parseDate } from '../format/index.ts';
import { Calendar } from './calendar.tsx';
import { type FieldProps, FieldFrame, useField } from './field.tsx';

/** A day: typed first (`23.11.`, `t`, `+30`, `eom`), a calendar on demand. */
export function DateField(props: FieldProps & { readonly nullable?: boolean | undefined }) {
  const field = useField(props);
  const { formats, today } = useLocale();
  const { form, nullable, bare } = props;
  const written = (value: unknown) =>
    typeof value === 'string' && isDay(value) ? day(value, formats) : '';
  const [typed, setTyped] = useState(() => written(field.value));
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    if (!focused && field.fault === undefined) setTyped(written(field.value));
  }, [field.value, focused]);
  return (
    <FieldFrame {...props} field={field}>
      <span className="selwrap">
        <input
          {...field.control}
          className="input num"
          autoComplete="off"
          value={typed}
          onFocus={() => setFocused(true)}
          onInput={({ currentTarget: { value } }) => {
            setTyped(value);
            const read = parseDate(value, formats, today);
            if (read !== undefined) field.set(read);
            else if (value.trim() === '') field.set(nullable === true ? null : undefined);
            else field.refuse(form.words('date_invalid'));
          }}
          onBlur={() => {
            setFocused(false);
            field.onBlur();
          }}
        />
        {bare !== true && (
          <Popover
            label={form.words('date_choose')}
            iconOnly
            className="btn quiet icon"
            face={<Icon name="calendar" />}
            popClassName="pad"
            haspopup="dialog"
          >
            {(close) => (
              <Calendar
                selected={typeof field.value === 'string' ? field.value : today}
                words={form.words}
                onDay={(chosen) => {
                  field.set(chosen);
                  setTyped(written(chosen));
                  close();
                }}
              />
            )}
          </Popover>
        )}
      </span>
    </FieldFrame>
  );
}
