import type { ComponentChildren } from './children.ts';
import { Icon, type IconName } from './icon.tsx';

interface ButtonProps {
  readonly children?: ComponentChildren;
  /** One filled button a region: `primary`. */
  readonly look?: 'plain' | 'primary' | 'quiet' | 'danger' | undefined;
  readonly icon?: IconName | undefined;
  /** Shown, and spoken as the button's shortcut. */
  readonly shortcut?: string | undefined;
  readonly wide?: boolean | undefined;
  readonly large?: boolean | undefined;
  readonly type?: 'button' | 'submit' | undefined;
  /** Why it is off; the reason is its tooltip. Empty or absent: it is on. */
  readonly off?: string | undefined;
  /** Its work runs: it takes no second click. */
  readonly busy?: boolean | undefined;
  readonly className?: string | undefined;
  readonly onClick?: ((event: { currentTarget: HTMLElement }) => void) | undefined;
}

/** A button that says what it does. State-dependent ones stay, switched `off` with the reason. */
export function Button({
  children,
  look = 'plain',
  icon,
  shortcut,
  onClick,
  ...rest
}: ButtonProps) {
  const { wide, large, type = 'button', off, busy, className } = rest;
  const stopped = busy === true || (off !== undefined && off !== '');
  const classes = ['btn', look, wide && 'wide', large && 'lg', busy && 'busy', className];
  return (
    <button
      type={type}
      className={classes.filter(Boolean).join(' ')}
      aria-disabled={stopped || undefined}
      aria-keyshortcuts={shortcut}
      title={off}
      onClick={(event) => {
        if (stopped) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy === true ? <Icon name="spinner" /> : icon !== undefined && <Icon name={icon} />}
      {children}
      {shortcut !== undefined && <kbd>{shortcut}</kbd>}
    </button>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  /** What it does: its accessible name and tooltip. */
  readonly label: string;
  readonly look?: 'plain' | 'quiet' | undefined;
  readonly off?: string | undefined;
  readonly className?: string | undefined;
  readonly onClick?: ((event: { currentTarget: HTMLElement }) => void) | undefined;
}

export function IconButton({
  icon,
  label,
  look = 'quiet',
  off,
  className,
  onClick,
}: IconButtonProps) {
  const stopped = off !== undefined && off !== '';
  return (
    <button
      type="button"
      className={['btn icon', look, className].filter(Boolean).join(' ')}
      aria-label={label}
      title={stopped ? off : label}
      aria-disabled={stopped || undefined}
      onClick={(event) => {
        if (!stopped) onClick?.(event);
      }}
    >
      <Icon name={icon} />
    </button>
  );
}

interface ButtonLinkProps {
  readonly href: string;
  readonly children?: ComponentChildren;
  readonly look?: 'plain' | 'primary' | 'quiet' | undefined;
  readonly icon?: IconName | undefined;
  readonly shortcut?: string | undefined;
  /** Given: it has no words, and this is its name. */
  readonly label?: string | undefined;
  /** Saves the target as a file. */
  readonly download?: string | undefined;
  readonly className?: string | undefined;
}

/** A link that looks like a button: it goes somewhere, and so opens in a new tab by the usual ways. */
export function ButtonLink({
  href,
  children,
  look = 'plain',
  icon,
  shortcut,
  ...rest
}: ButtonLinkProps) {
  const { label, download, className } = rest;
  const classes = ['btn', look, label !== undefined && 'icon', className];
  return (
    <a
      href={href}
      className={classes.filter(Boolean).join(' ')}
      aria-label={label}
      title={label}
      aria-keyshortcuts={shortcut}
      download={download}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
      {shortcut !== undefined && <kbd>{shortcut}</kbd>}
    </a>
  );
}
