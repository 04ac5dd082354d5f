import { useEffect, useMemo, useRef } from 'react';

import { Button, IconButton } from './button.tsx';
import { Icon } from './icon.tsx';
import { useLocale } from './locale.tsx';

export interface Toast {
  readonly text: string;
  /** `danger` stays until it is closed and is spoken at once. */
  readonly tone?: 'ok' | 'danger' | undefined;
  readonly action?: { readonly label: string; run(): void } | undefined;
}

export interface Shown extends Toast {
  readonly id: number;
}

const staysMs = 6_000;
/** What offers an undo stays as long as the undo is valid. */
const staysWithActionMs = 30_000;

interface ToastsProps {
  readonly shown: readonly Shown[];
  dismiss(id: number): void;
}

/** The messages at the corner: the code comes with the first of them. */
export function Toasts({ shown, dismiss }: ToastsProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // In the top layer, and again above a dialog that opened since.
    box.current?.hidePopover();
    box.current?.showPopover();
  }, [shown.length]);
  useEffect(() => {
    const toFocus = (event: KeyboardEvent) => {
      if (event.key === 'F8') box.current?.querySelector<HTMLElement>('button')?.focus();
    };
    addEventListener('keydown', toFocus);
    return () => removeEventListener('keydown', toFocus);
  }, []);
  return (
    <div ref={box} className="toasts" popover="manual" role="region" aria-label="Messages">
      {shown.map((toast) => (
        <ToastLine key={toast.id} toast={toast} dismiss={dismiss} />
      ))}
    </div>
  );
}

function ToastLine({ toast, dismiss }: { readonly toast: Shown; dismiss(id: number): void }) {
  const { words } = useLocale();
  const { id, tone, action, text } = toast;
  const stays = useMemo(
    () => (tone === 'danger' ? undefined : action === undefined ? staysMs : staysWithActionMs),
    [tone, action],
  );
  useEffect(() => {
    if (stays === undefined) return undefined;
    const timer = setTimeout(() => dismiss(id), stays);
    return () => clearTimeout(timer);
  }, [id, stays, dismiss]);
  return (
    <div className="toast" role={tone === 'danger' ? 'alert' : 'status'}>
      {tone !== undefined && <Icon name={tone === 'ok' ? 'check' : 'alert'} tone={tone} />}
      <p>{text}</p>
      {action !== undefined && (
        <Button
          look="quiet"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon="close" label={words('close')} onClick={() => dismiss(id)} />
    </div>
  );
}
