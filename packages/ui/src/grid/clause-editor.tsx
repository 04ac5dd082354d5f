import type { Translate } from '../i18n/messages.ts';
import { useState } from 'react';

import { Button } from '../core/button.tsx';
import { Icon } from '../core/icon.tsx';
import { useLocale, useWords } from '../core/locale.tsx';
import english from '../messages/grid-more-en.json';
import { toTyped } from './clause-text.ts';
import { fromTyped, thisSpans } from './clause-value.ts';
import type { FilterKind, FilterOption } from './column.ts';
import { type Clause, type Operator, operatorsOf, valuesWanted } from './filter.ts';

export interface EditorProps {
  readonly kind: FilterKind;
  readonly clause: Clause;
  onApply(clause: Clause): void;
}

/** Edits one clause: a condition and its values. What does not fit is refused here and never sent. */
export function ClauseEditor({ kind, clause, onApply }: EditorProps) {
  const locale = useLocale();
  const words = useWords(english);
  const [op, setOp] = useState<Operator>(clause.op);
  const [typed, setTyped] = useState<readonly string[]>(() =>
    clause.values.map((value) => toTyped(kind, clause.op, value, locale)),
  );
  const [refused, setRefused] = useState(false);
  const apply = () => {
    const values = valuesOf(kind, op, typed, (text) => fromTyped(kind, op, text, locale));
    setRefused(values === undefined);
    if (values !== undefined) onApply({ field: clause.field, op, values });
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <span className="selwrap">
        <select
          className="input select"
          aria-label={words('filter_operator')}
          value={op}
          onChange={(event) => setOp(toOperator(kind, event.currentTarget.value))}
        >
          {operatorsOf(kind).map((name) => (
            <option key={name} value={name}>
              {words(`op_${name}`)}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
      <Values kind={kind} op={op} typed={typed} onTyped={setTyped} refused={refused} />
      {refused && <p className="fault">{words('filter_invalid')}</p>}
      <Button type="submit" look="primary" wide>
        {words('filter_apply')}
      </Button>
    </form>
  );
}

function toOperator(kind: FilterKind, name: string): Operator {
  const [first = 'eq', ...rest] = operatorsOf(kind);
  return rest.find((operator) => operator === name) ?? first;
}

function valuesOf(
  kind: FilterKind,
  op: Operator,
  typed: readonly string[],
  read: (text: string) => string | undefined,
): readonly string[] | undefined {
  const wanted = valuesWanted(op);
  if (wanted === 0) return [];
  if (wanted === 'list') return typed.length > 0 ? typed : undefined;
  if (kind.type === 'bool') return [typed[0] ?? 'true'];
  const values = Array.from({ length: wanted }, (_, at) => read(typed[at] ?? ''));
  return values.every((value) => value !== undefined) ? values : undefined;
}

interface ValuesProps {
  readonly kind: FilterKind;
  readonly op: Operator;
  readonly typed: readonly string[];
  onTyped(typed: readonly string[]): void;
  readonly refused: boolean;
}

function Values({ kind, op, typed, onTyped, refused }: ValuesProps) {
  const words = useWords(english);
  const wanted = valuesWanted(op);
  if (wanted === 0) return null;
  if (kind.type === 'enum') {
    return <Checklist options={kind.options} chosen={typed} onChosen={onTyped} />;
  }
  const choices = choicesOf(kind, op, words);
  if (choices !== undefined) {
    return (
      <select
        className="input select"
        aria-label={words('filter_value')}
        value={typed[0] ?? choices[0]?.[0]}
        onChange={(event) => onTyped([event.currentTarget.value])}
      >
        {choices.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    );
  }
  const labels =
    wanted === 2 ? [words('filter_from'), words('filter_to')] : [words('filter_value')];
  return (
    <>
      {labels.map((label, at) => (
        <input
          key={label}
          className="input"
          aria-label={label}
          placeholder={label}
          aria-invalid={refused || undefined}
          value={typed[at] ?? ''}
          onInput={(event) =>
            onTyped(
              labels.map((_, index) =>
                index === at ? event.currentTarget.value : (typed[index] ?? ''),
              ),
            )
          }
        />
      ))}
    </>
  );
}

interface ChecklistProps {
  readonly options: readonly FilterOption[];
  readonly chosen: readonly string[];
  onChosen(chosen: readonly string[]): void;
}

function Checklist({ options, chosen, onChosen }: ChecklistProps) {
  return (
    <div>
      {options.map(({ value, label }) => (
        <label key={value} className="check">
          <input
            className="box"
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() => onChosen(toggled(chosen, value))}
          />
          {label}
        </label>
      ))}
    </div>
  );
}

function choicesOf(
  kind: FilterKind,
  op: Operator,
  words: Translate<Extract<keyof typeof english, string>>,
): readonly (readonly [string, string])[] | undefined {
  if (kind.type === 'bool') {
    return [
      ['true', words('yes')],
      ['false', words('no')],
    ];
  }
  return op === 'this'
    ? thisSpans.map((span) => [span, words(`span_${span}`)] as const)
    : undefined;
}

function toggled(values: readonly string[], value: string): string[] {
  return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
}
