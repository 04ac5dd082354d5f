import { useEffect, useId, useRef } from 'react';

import { Button, IconButton } from './button.tsx';
import type { ComponentChildren } from './children.ts';
import { useLocale } from './locale.tsx';

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Its buttons, the primary one last. */
  readonly footer?: ComponentChildren;
  readonly wide?: boolean | undefined;
  /** Given: the dialog is a form, and Enter in a field sends it. */
  readonly onSubmit?: (() => void) | undefined;
  /** By Esc, the cross, or a click beside it. */
  onClose(): void;
}

/** Where the focus begins: the first field, else the safest of the answers; never the cross. */
const startsAt =
  '.body :is(input, select, textarea), .body:not(:has(input, select, textarea)) + footer .btn:not(.danger)';

/** A modal `<dialog>`: mounted is open. Esc, inertness of the rest and the return of focus are the platform's. */
export function Dialog({ title, children, footer, wide, onSubmit, onClose }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const { words } = useLocale();
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>(startsAt)?.focus();
    return () => dialog?.close();
  }, []);
  const inside = (
    <>
      <header>
        <h2 id={heading}>{title}</h2>
        <IconButton icon="close" label={words('close')} onClick={onClose} />
      </header>
      <div className="body">{children}</div>
      {footer !== undefined && <footer>{footer}</footer>}
    </>
  );
  return (
    <dialog
      ref={box}
      className={wide === true ? 'wide' : undefined}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {onSubmit === undefined ? (
        <div className="frame">{inside}</div>
      ) : (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {inside}
        </form>
      )}
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  /** Names what will happen, to what, and the amount. */
  readonly children: ComponentChildren;
  readonly action: string;
  readonly danger?: boolean | undefined;
  readonly busy?: boolean | undefined;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before what cannot be undone. */
export function Confirm({
  title,
  children,
  action,
  danger,
  busy,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const { words } = useLocale();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={onConfirm}
      footer={
        <>
          <Button onClick={onClose}>{words('cancel')}</Button>
          <Button type="submit" look={danger === true ? 'danger' : 'primary'} busy={busy}>
            {action}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
