import { useState } from 'react';

import { Button } from '../core/button.tsx';
import { Dialog } from '../core/dialog.tsx';
import { textOf } from './fields.tsx';
import { getAt, setAt } from './path.ts';
import type { Conflict, Form } from './use-form.ts';

interface ConflictProps {
  readonly form: Form;
  readonly conflict: Conflict;
}

type Side = 'mine' | 'theirs';

/** Somebody saved first: field by field mine or theirs, nothing is lost unseen. */
export function ConflictDialog({ form, conflict }: ConflictProps) {
  const { store, words } = form;
  const fields = changedFields(store.values, conflict.theirs);
  const [sides, setSides] = useState<Readonly<Record<string, Side>>>({});
  const taken = fields.filter((field) => sides[field] === 'theirs');
  const take = (values: unknown, field: string) =>
    setAt(values, field, getAt(conflict.theirs, field));
  const merged = taken.reduce(take, store.values);
  const keepTheirs = () => form.resolve(conflict.theirs, 'theirs');
  return (
    <Dialog
      title={words('form_conflict')}
      wide
      onClose={keepTheirs}
      footer={
        <>
          <Button onClick={keepTheirs}>{words('form_keep_theirs')}</Button>
          <Button look="primary" onClick={() => form.resolve(merged, 'mine')}>
            {words('form_overwrite')}
          </Button>
        </>
      }
    >
      {words('form_conflict_text')}
      <table className="tbl">
        <thead>
          <tr>
            <th>{words('form_field')}</th>
            <th>{words('form_mine')}</th>
            <th>{words('form_theirs')}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field}>
              <td>{store.labelOf(field)}</td>
              {(['mine', 'theirs'] as const).map((side) => (
                <td key={side}>
                  <label className="check">
                    <input
                      className="box"
                      type="radio"
                      name={`conflict-${field}`}
                      checked={(sides[field] ?? 'mine') === side}
                      onChange={() => setSides({ ...sides, [field]: side })}
                    />
                    <span className="clip">
                      {shown(getAt(side === 'mine' ? store.values : conflict.theirs, field))}
                    </span>
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

function changedFields(mine: unknown, theirs: unknown): string[] {
  const keys = new Set([...Object.keys(mine ?? {}), ...Object.keys(theirs ?? {})]);
  return [...keys].filter(
    (key) => JSON.stringify(getAt(mine, key)) !== JSON.stringify(getAt(theirs, key)),
  );
}

function shown(value: unknown): string {
  return Array.isArray(value) ? `(${value.length})` : textOf(value);
}
