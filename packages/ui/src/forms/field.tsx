import { type ReactNode, useEffect, useId, useSyncExternalStore } from 'react';

import { Icon } from '../core/icon.tsx';
import type { Path } from './path.ts';
import { fieldId, type Form } from './use-form.ts';

/** What every field has. */
export interface FieldProps {
  readonly form: Form;
  /** Path of its value: `name`, `lines.3.quantity`. */
  readonly name: Path;
  readonly label: string;
  /** Below it, muted. */
  readonly hint?: string | undefined;
  /** In a table: the column's head is what is seen of the label. */
  readonly bare?: boolean | undefined;
  /** Of the twelve columns of `.fields`. */
  readonly span?: 4 | 6 | 8 | undefined;
  /** Why it cannot be changed. */
  readonly off?: string | undefined;
  readonly autoFocus?: boolean | undefined;
}

export interface Field {
  readonly value: unknown;
  readonly fault: string | undefined;
  /** For the control: id, description, validity. */
  readonly control: {
    readonly id: string;
    readonly 'aria-invalid': true | undefined;
    readonly 'aria-describedby': string | undefined;
    readonly 'aria-label': string | undefined;
    readonly title: string | undefined;
    readonly disabled: boolean;
  };
  set(value: unknown): void;
  refuse(fault: string): void;
  /** The field was left. */
  onBlur(): void;
}

/** Binds a control to its place in the form. It is drawn again when its own value or fault changes. */
export function useField({ form, name, label, bare, off }: FieldProps): Field {
  const { store } = form;
  const value = useSyncExternalStore(store.subscribe, () => store.get(name));
  const fault = useSyncExternalStore(store.subscribe, () => store.faultAt(name));
  const described = useId();
  useEffect(() => store.register(name, label), [store, name, label]);
  return {
    value,
    fault,
    control: {
      id: fieldId(name),
      'aria-invalid': fault === undefined ? undefined : true,
      'aria-describedby': fault === undefined ? undefined : described,
      'aria-label': bare === true ? label : undefined,
      title: fault ?? off,
      disabled: off !== undefined && off !== '',
    },
    set(next) {
      store.set(name, next);
      if (fault !== undefined) form.check(name);
    },
    refuse: (text) => store.refuse(name, text),
    onBlur() {
      if (fault !== undefined || value !== undefined) form.check(name);
    },
  };
}

interface FrameProps extends FieldProps {
  readonly field: Field;
  readonly children: ReactNode;
}

/** Label above, control, then what is wrong or the hint. In a table the control alone. */
export function FieldFrame({ field, label, hint, bare, span, children }: FrameProps) {
  const { fault, control } = field;
  if (bare === true) return children;
  return (
    <div className={span === undefined ? 'field' : `field c${span}`}>
      <label htmlFor={control.id}>{label}</label>
      {children}
      {fault !== undefined ? (
        <span className="fault" id={control['aria-describedby']}>
          <Icon name="alert" />
          {fault}
        </span>
      ) : (
        hint !== undefined && <span className="hint">{hint}</span>
      )}
    </div>
  );
}
