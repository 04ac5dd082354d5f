import { Icon } from '../core/icon.tsx';
import { type FieldProps, FieldFrame, useField } from './field.tsx';

interface TextProps extends FieldProps {
  readonly type?: 'text' | 'email' | 'tel' | 'url' | 'password' | 'search' | undefined;
  readonly autoComplete?: string | undefined;
  readonly placeholder?: string | undefined;
  /** Figures stand at the end: a quantity. */
  readonly figures?: boolean | undefined;
  /** An empty field is null, not an empty text. */
  readonly nullable?: boolean | undefined;
}

export function TextField(props: TextProps) {
  const field = useField(props);
  const { type = 'text', autoComplete = 'off', placeholder, figures, nullable } = props;
  return (
    <FieldFrame {...props} field={field}>
      <input
        {...field.control}
        className={figures === true ? 'input num end' : 'input'}
        type={type}
        inputMode={figures === true ? 'decimal' : undefined}
        autoComplete={autoComplete}
        placeholder={placeholder}
        autoFocus={props.autoFocus}
        value={textOf(field.value)}
        onInput={({ currentTarget: { value } }) => {
          field.set(value === '' && nullable === true ? null : value);
        }}
        onBlur={field.onBlur}
      />
    </FieldFrame>
  );
}

interface AreaProps extends FieldProps {
  readonly rows?: number | undefined;
  readonly nullable?: boolean | undefined;
}

export function TextArea(props: AreaProps) {
  const field = useField(props);
  const { rows = 3, nullable } = props;
  return (
    <FieldFrame {...props} field={field}>
      <textarea
        {...field.control}
        className="input"
        rows={rows}
        value={textOf(field.value)}
        onInput={({ currentTarget: { value } }) => {
          field.set(value === '' && nullable === true ? null : value);
        }}
        onBlur={field.onBlur}
      />
    </FieldFrame>
  );
}

/** A whole number; what is no number is refused where it is typed. */
export function NumberField(props: FieldProps & { readonly nullable?: boolean | undefined }) {
  const field = useField(props);
  return (
    <FieldFrame {...props} field={field}>
      <input
        {...field.control}
        className="input num end"
        inputMode="numeric"
        autoComplete="off"
        defaultValue={textOf(field.value)}
        onInput={({ currentTarget: { value } }) => {
          const typed = value.trim();
          if (typed === '') field.set(props.nullable === true ? null : undefined);
          else if (/^-?\d{1,15}$/u.test(typed)) field.set(Number(typed));
          else field.refuse(props.form.words('form_invalid'));
        }}
        onBlur={field.onBlur}
      />
    </FieldFrame>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface SelectProps extends FieldProps {
  readonly options: readonly Choice[];
  /** Values that are no texts: `(text) => Number(text)`. */
  readonly parse?: ((text: string) => unknown) | undefined;
}

export function SelectField(props: SelectProps) {
  const field = useField(props);
  const { options, parse = (text) => text } = props;
  return (
    <FieldFrame {...props} field={field}>
      <span className="selwrap">
        <select
          {...field.control}
          className="input select"
          value={textOf(field.value)}
          onChange={(event) => field.set(parse(event.currentTarget.value))}
          onBlur={field.onBlur}
        >
          {options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </FieldFrame>
  );
}

export function CheckField(props: FieldProps) {
  const field = useField(props);
  return (
    <label className="check">
      <input
        {...field.control}
        className="box"
        type="checkbox"
        checked={field.value === true}
        onChange={(event) => field.set(event.currentTarget.checked)}
      />
      <span>
        {props.label}
        {props.hint !== undefined && <small className="hint"> {props.hint}</small>}
      </span>
    </label>
  );
}

export function RadioField(props: SelectProps) {
  const field = useField(props);
  const { options, label, name } = props;
  return (
    <fieldset className="field">
      <legend className="label">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="check">
          <input
            className="box"
            type="radio"
            name={name}
            checked={field.value === option.value}
            onChange={() => field.set(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}

/** What a text control shows of a value. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
