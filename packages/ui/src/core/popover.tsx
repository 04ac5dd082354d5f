import { useEffect, useId, useRef, useState } from 'react';

import type { ComponentChildren } from './children.ts';
import { Icon, type IconName } from './icon.tsx';
import { placeBeside } from './place.ts';

interface PopoverProps {
  /** The button's words; with `iconOnly` its name. */
  readonly label: string;
  readonly icon?: IconName | undefined;
  readonly iconOnly?: boolean | undefined;
  readonly className?: string | undefined;
  /** What stands on the button in place of icon and label. */
  readonly face?: ComponentChildren;
  readonly popClassName?: string | undefined;
  readonly haspopup?: 'menu' | 'dialog' | 'listbox' | undefined;
  readonly off?: string | undefined;
  /** Opens at once: a filter chip that was just added. */
  readonly startsOpen?: boolean | undefined;
  readonly onClosed?: (() => void) | undefined;
  /** Drawn while it is open. */
  children(close: () => void): ComponentChildren;
}

/** A button with a floating panel: Esc, a click beside it and the return of focus are the platform's. */
export function Popover(props: PopoverProps) {
  const { label, iconOnly = false, className = 'btn', face, off, children } = props;
  const [open, setOpen] = useState(false);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const stopped = off !== undefined && off !== '';
  usePlacement(button, panel, open);
  useEffect(() => {
    if (props.startsOpen === true) panel.current?.showPopover();
  }, [props.startsOpen]);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={iconOnly ? label : undefined}
        title={stopped ? off : iconOnly ? label : undefined}
        aria-haspopup={props.haspopup}
        aria-expanded={open}
        aria-disabled={stopped || undefined}
        popoverTarget={stopped ? undefined : id}
      >
        {face ?? <PlainFace {...props} />}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        className={`pop ${props.popClassName ?? ''}`}
        onToggle={(event) => {
          setOpen(event.newState === 'open');
          if (event.newState !== 'open') props.onClosed?.();
        }}
      >
        {open && children(() => panel.current?.hidePopover())}
      </div>
    </>
  );
}

function PlainFace({ icon, iconOnly, label }: PopoverProps) {
  return (
    <>
      {icon !== undefined && <Icon name={icon} />}
      {iconOnly !== true && label}
    </>
  );
}

function usePlacement(
  button: { readonly current: HTMLElement | null },
  panel: { readonly current: HTMLElement | null },
  open: boolean,
): void {
  useEffect(() => {
    if (!open || button.current === null || panel.current === null) return;
    placeBeside(panel.current, button.current);
    const first = panel.current.querySelector<HTMLElement>(
      '[autofocus], [role^="menuitem"], input, select, button',
    );
    first?.focus();
  }, [open, button, panel]);
}
