import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';

import { Button, IconButton } from './button.tsx';
import type { ComponentChildren } from './children.ts';
import { Icon } from './icon.tsx';
import { useLocale } from './locale.tsx';

export interface Toast {
  readonly text: string;
  /** `danger` stays until it is closed and is spoken at once. */
  readonly tone?: 'ok' | 'danger' | undefined;
  readonly action?: { readonly label: string; run(): void } | undefined;
}

interface Shown extends Toast {
  readonly id: number;
}

const toastsMax = 3;
const staysMs = 6_000;
/** What offers an undo stays as long as the undo is valid. */
const staysWithActionMs = 30_000;

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);

/** Shows a short message at the corner; of more than three the oldest goes. F8 moves the focus to them. */
export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { readonly children: ComponentChildren }) {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const next = useRef(0);
  const dismiss = useCallback(
    (id: number) => setShown((list) => list.filter((toast) => toast.id !== id)),
    [],
  );
  const show = useCallback((toast: Toast) => {
    next.current += 1;
    const added = { ...toast, id: next.current };
    setShown((list) => [...list, added].slice(-toastsMax));
  }, []);
  return (
    <ToastContext.Provider value={show}>
      {children}
      <Toasts shown={shown} dismiss={dismiss} />
    </ToastContext.Provider>
  );
}

interface ToastsProps {
  readonly shown: readonly Shown[];
  dismiss(id: number): void;
}

function Toasts({ shown, dismiss }: ToastsProps) {
  const box = useRef<HTMLDivElement>(null);
  const any = shown.length > 0;
  useEffect(() => {
    // In the top layer, so that a modal dialog does not cover it.
    if (any) box.current?.showPopover();
    else box.current?.hidePopover();
  }, [any, shown.length]);
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
