import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';

import { Button } from '../core/button.tsx';
import { Confirm } from '../core/dialog.tsx';
import { Note } from '../core/states.tsx';
import { useRouter } from '../router/outlet.tsx';
import { ConflictDialog } from './conflict-dialog.tsx';
import { fieldId, type Form as FormState } from './use-form.ts';

interface FormProps {
  readonly form: FormState;
  readonly children: ReactNode;
  readonly className?: string | undefined;
}

/** The `<form>`: what is wrong above it, its fields, and a question before unsaved entries are left. */
export function Form({ form, children, className }: FormProps) {
  return (
    <form
      noValidate
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        form.submit();
      }}
    >
      <FormFaults form={form} />
      {children}
      <LeaveGuard form={form} />
      {form.conflict !== undefined && <ConflictDialog form={form} conflict={form.conflict} />}
    </form>
  );
}

/** Why it was not saved, and a link to each field that needs the person. */
export function FormFaults({ form }: { readonly form: FormState }) {
  const { store, problem, words } = form;
  useSyncExternalStore(store.subscribe, () => store.revision);
  const left = useCountdown(problem?.kind === 'rateLimited' ? problem.retryAfterMs : undefined);
  // What is still being typed is told at its field; here only after a try to save.
  const isTold = problem !== undefined || store.faults.size > 0 || store.general.length > 0;
  if (!isTold) return null;
  const listed = store.allFaults.map(([path, text]) => ({
    path,
    text,
    label: store.labelOf(path),
  }));
  const title =
    problem === undefined ? words('form_errors', { n: listed.length }) : words('form_not_saved');
  const mayRetry = problem !== undefined && listed.length === 0 && left === 0;
  return (
    <Note
      tone="danger"
      action={mayRetry && <Button onClick={() => form.submit()}>{words('form_retry')}</Button>}
    >
      <strong>{title}</strong>
      {problem !== undefined && (
        <p>{left > 0 ? words('form_wait', { s: left }) : problem.message}</p>
      )}
      {store.general.map((text) => (
        <p key={text}>{text}</p>
      ))}
      <ul>
        {listed.map(({ path, text, label }) => (
          <li key={path}>
            <a href={`#${fieldId(path)}`}>{label}</a>: {text}
          </li>
        ))}
      </ul>
    </Note>
  );
}

/** Seconds until it may be tried again. */
function useCountdown(ms: number | undefined): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const end = performance.now() + (ms ?? 0);
    const tick = () => setLeft(Math.max(0, Math.ceil((end - performance.now()) / 1_000)));
    tick();
    if (ms === undefined) return undefined;
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, [ms]);
  return left;
}

/** Asks once before dirty entries are left, by a link or by closing the tab. */
function LeaveGuard({ form: { store, words } }: { readonly form: FormState }) {
  const router = useRouter();
  const [asked, setAsked] = useState<(() => void) | undefined>(undefined);
  useEffect(() => {
    const closing = (event: BeforeUnloadEvent) => {
      if (store.dirty) event.preventDefault();
    };
    addEventListener('beforeunload', closing);
    const end = router.guard((proceed) => {
      if (store.dirty) setAsked(() => proceed);
      return store.dirty;
    });
    return () => {
      removeEventListener('beforeunload', closing);
      end();
    };
  }, [router, store]);
  if (asked === undefined) return null;
  return (
    <Confirm
      title={words('form_leave')}
      action={words('form_discard')}
      onConfirm={() => {
        store.settle();
        asked();
      }}
      onClose={() => setAsked(undefined)}
    >
      <p>{words('form_leave_text')}</p>
    </Confirm>
  );
}
