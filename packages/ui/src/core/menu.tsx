import type { ComponentChildren } from './children.ts';
import { Icon, type IconName } from './icon.tsx';
import { Popover } from './popover.tsx';

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName | undefined;
  /** It goes somewhere; else `onSelect`. */
  readonly href?: string | undefined;
  readonly onSelect?: (() => void) | undefined;
  readonly danger?: boolean | undefined;
  /** Why it is off. */
  readonly off?: string | undefined;
  /** Given: it is a check item. */
  readonly checked?: boolean | undefined;
  readonly shortcut?: string | undefined;
}

/** `null` is a line between groups. */
export type MenuEntry = MenuItem | { readonly heading: string } | null;

interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuEntry[];
  readonly icon?: IconName | undefined;
  /** The button shows its icon only. */
  readonly iconOnly?: boolean | undefined;
  readonly face?: ComponentChildren;
  readonly className?: string | undefined;
}

/** A button that opens a list of actions: arrows, Home, End and first letters move. */
export function Menu({ label, items, icon, iconOnly, face, className = 'btn' }: MenuProps) {
  return (
    <Popover
      label={label}
      icon={icon}
      iconOnly={iconOnly}
      face={face}
      className={className}
      haspopup="menu"
    >
      {(close) => <MenuList label={label} items={items} close={close} />}
    </Popover>
  );
}

interface MenuListProps {
  readonly label: string;
  readonly items: readonly MenuEntry[];
  close(): void;
}

export function MenuList({ label, items, close }: MenuListProps) {
  return (
    <div
      className="menu"
      role="menu"
      aria-label={label}
      onKeyDown={(event) => {
        if (moveFocus(event.currentTarget, event.key)) event.preventDefault();
      }}
    >
      {items.map((entry, at) => {
        // oxlint-disable-next-line react/no-array-index-key -- entries without a name are told apart by their place
        if (entry === null) return <hr key={at} />;
        if ('heading' in entry) return <small key={entry.heading}>{entry.heading}</small>;
        return <MenuLine key={entry.label} item={entry} close={close} />;
      })}
    </div>
  );
}

function MenuLine({ item, close }: { readonly item: MenuItem; close(): void }) {
  const stopped = item.off !== undefined && item.off !== '';
  const role = item.checked === undefined ? 'menuitem' : 'menuitemcheckbox';
  const className = item.danger === true ? 'danger' : undefined;
  const inside = (
    <>
      {item.checked !== undefined && (
        <span className="tick">
          <Icon name="check" />
        </span>
      )}
      {item.icon !== undefined && <Icon name={item.icon} />}
      <span className="clip">{item.label}</span>
      {item.shortcut !== undefined && <kbd>{item.shortcut}</kbd>}
    </>
  );
  if (item.href !== undefined) {
    return (
      <a href={item.href} role={role} tabIndex={-1} className={className} onClick={close}>
        {inside}
      </a>
    );
  }
  return (
    <button
      type="button"
      role={role}
      tabIndex={-1}
      className={className}
      title={item.off}
      aria-disabled={stopped || undefined}
      aria-checked={item.checked}
      onClick={() => {
        if (stopped) return;
        if (item.checked === undefined) close();
        item.onSelect?.();
      }}
    >
      {inside}
    </button>
  );
}

/** Moves the focus among the menu's items; says whether the key was one of its own. */
function moveFocus(menu: HTMLElement, key: string): boolean {
  const items = [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  const present = items.findIndex((item) => item === document.activeElement);
  const target = targetOf(key, present, items);
  target?.focus();
  return target !== undefined;
}

function targetOf(
  key: string,
  present: number,
  items: readonly HTMLElement[],
): HTMLElement | undefined {
  switch (key) {
    case 'ArrowDown':
      return items[(present + 1) % items.length];
    case 'ArrowUp':
      return items.at(present <= 0 ? -1 : present - 1);
    case 'Home':
      return items[0];
    case 'End':
      return items.at(-1);
    default:
      return key.length === 1 && key !== ' ' ? byLetter(key, present, items) : undefined;
  }
}

function byLetter(
  key: string,
  present: number,
  items: readonly HTMLElement[],
): HTMLElement | undefined {
  const wanted = key.toLowerCase();
  return [...items.slice(present + 1), ...items.slice(0, present + 1)].find((item) =>
    item.textContent.trim().toLowerCase().startsWith(wanted),
  );
}
