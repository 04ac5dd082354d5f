import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';

import { Note, useWords } from '@plinth/ui/core';
import type { FormState } from '@plinth/ui/forms';

import english from '../../../messages/en/customer-form.json';
import { queryOf } from '../../data/queries.ts';

const waitMs = 400;
const charactersMin = 3;
const shownMax = 3;

/** Warns while a name is typed that somebody like it is there already. */
export function Similar({ form }: { readonly form: FormState }) {
  const t = useWords(english);
  const name = useSyncExternalStore(form.store.subscribe, () => form.store.get('name'));
  const q = useSettled(typeof name === 'string' ? name.trim() : '');
  const found = useQuery({
    ...queryOf('customers', 'suggestCustomers', { q }),
    enabled: q.length >= charactersMin,
  });
  const items = q.length >= charactersMin ? (found.data?.items.slice(0, shownMax) ?? []) : [];
  if (items.length === 0) return null;
  return (
    <Note tone="warn">
      {t('similar', { n: items.length })}{' '}
      {items.map(({ id, name: other, number }, at) => (
        <span key={id}>
          {at > 0 && ', '}
          <a href={`/customers/${id}`}>
            <bdi>{other}</bdi>
          </a>{' '}
          <span className="num muted">{number}</span>
        </span>
      ))}
    </Note>
  );
}

/** The text once it has not changed for a while. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), waitMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
