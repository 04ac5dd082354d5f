import { useEffect, useId, useRef, useState } from 'react';

import { placeBeside } from '../core/place.ts';
import { type FieldProps, FieldFrame, useField } from './field.tsx';

export interface ComboOption {
  readonly value: string;
  readonly label: string;
  /** Muted, at the end: number, city. */
  readonly detail?: string | undefined;
}

interface ComboProps extends FieldProps {
  load(text: string, signal: AbortSignal): Promise<readonly ComboOption[]>;
  /** What stands in the field for the value that it begins with. */
  readonly initialLabel?: string | undefined;
  /** With it the list ends in «Create …». */
  readonly onCreate?: ((text: string) => void) | undefined;
  readonly onChosen?: ((option: ComboOption) => void) | undefined;
  readonly placeholder?: string | undefined;
}

const charactersMin = 2;
const loadAfterMs = 150;

type Found =
  | { readonly state: 'closed' | 'short' | 'failed' }
  | { readonly state: 'found'; readonly options: readonly ComboOption[] };

/** A choice among very many: asked for while typing, the last question wins. */
export function ComboField(props: ComboProps) {
  const field = useField(props);
  const { initialLabel = '', onChosen, placeholder } = props;
  const [typed, setTyped] = useState(initialLabel);
  const [at, setAt] = useState(0);
  const [asked, setAsked] = useState<string | undefined>(undefined);
  const found = useOptions(props.load, asked);
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  const options = found.state === 'found' ? found.options : [];
  const choose = (option: ComboOption) => {
    setTyped(option.label);
    field.set(option.value);
    onChosen?.(option);
    setAsked(undefined);
  };
  const onKey = (key: string): boolean => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[key];
    const chosen = options[at];
    if (by !== undefined) setAt((at + by + options.length) % Math.max(1, options.length));
    else if (key === 'Enter' && chosen !== undefined) choose(chosen);
    else if (key === 'Escape' && asked !== undefined) setAsked(undefined);
    else return false;
    return true;
  };
  return (
    <FieldFrame {...props} field={field}>
      <input
        {...field.control}
        {...comboProps(list, asked !== undefined, options[at] === undefined ? undefined : at)}
        ref={input}
        autoFocus={props.autoFocus}
        placeholder={placeholder}
        value={typed}
        onInput={({ currentTarget: { value } }) => {
          setTyped(value);
          setAsked(value);
          setAt(0);
          if (value === '') field.set(undefined);
        }}
        onKeyDown={(event) => {
          if (onKey(event.key)) event.preventDefault();
        }}
        onBlur={() => {
          setAsked(undefined);
          field.onBlur();
        }}
      />
      {asked !== undefined && found.state !== 'closed' && (
        <Listbox {...{ id: list, anchor: input, props, found, at, typed, onChoose: choose }} />
      )}
    </FieldFrame>
  );
}

function comboProps(list: string, open: boolean, at: number | undefined) {
  return {
    className: 'input',
    role: 'combobox',
    'aria-expanded': open,
    'aria-controls': list,
    'aria-autocomplete': 'list',
    'aria-activedescendant': at === undefined ? undefined : `${list}-${at}`,
    autoComplete: 'off',
  } as const;
}

interface ListboxProps {
  readonly id: string;
  readonly anchor: { readonly current: HTMLElement | null };
  readonly props: ComboProps;
  readonly found: Found;
  readonly at: number;
  readonly typed: string;
  onChoose(option: ComboOption): void;
}

function Listbox({ id, anchor, props, found, at, typed, onChoose }: ListboxProps) {
  const { words } = props.form;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.showPopover();
    if (panel.current !== null && anchor.current !== null)
      placeBeside(panel.current, anchor.current);
  }, [anchor, found]);
  const options = found.state === 'found' ? found.options : [];
  const { onCreate } = props;
  return (
    <div
      ref={panel}
      id={id}
      popover="manual"
      className="pop listbox"
      role="listbox"
      aria-label={props.label}
    >
      {options.map((option, index) => (
        <div
          key={option.value}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === at}
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(option);
          }}
        >
          <bdi className="clip">{option.label}</bdi>
          <small className="num">{option.detail}</small>
        </div>
      ))}
      {found.state === 'short' && <p>{words('combo_type')}</p>}
      {found.state === 'failed' && <p>{words('combo_failed')}</p>}
      {found.state === 'found' && options.length === 0 && (
        <p>{words('combo_none', { text: typed })}</p>
      )}
      {onCreate !== undefined && found.state === 'found' && (
        <div
          role="option"
          aria-selected="false"
          onPointerDown={(event) => {
            event.preventDefault();
            onCreate(typed);
          }}
        >
          {words('combo_create', { text: typed })}
        </div>
      )}
    </div>
  );
}

function useOptions(load: ComboProps['load'], text: string | undefined): Found {
  const [found, setFound] = useState<Found>({ state: 'closed' });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const wanted = text?.trim();
    if (wanted === undefined || wanted.length < charactersMin) {
      setFound({ state: wanted === undefined ? 'closed' : 'short' });
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      latest.current(wanted, abort.signal).then(
        (options) => setFound({ state: 'found', options }),
        () => {
          if (!abort.signal.aborted) setFound({ state: 'failed' });
        },
      );
    }, loadAfterMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return found;
}
