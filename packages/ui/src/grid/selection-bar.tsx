import { useWords } from '../core/locale.tsx';
import english from '../messages/grid-more-en.json';
import { Button, IconButton } from '../core/button.tsx';
import type { IconName } from '../core/icon.tsx';
import { Menu } from '../core/menu.tsx';

export interface BulkAction {
  readonly label: string;
  readonly icon: IconName;
  readonly danger?: boolean | undefined;
  /** Why it is off. */
  readonly off?: string | undefined;
  onSelect(): void;
}

export interface SelectionBarProps {
  readonly count: number;
  readonly actions: readonly BulkAction[];
  onClear(): void;
}

const buttonsMax = 3;

/** What can be done with the selected rows; it floats above the list's end. */
export function SelectionBar({ count, actions, onClear }: SelectionBarProps) {
  const words = useWords(english);
  const rest = actions.slice(buttonsMax);
  return (
    <div className="selbar" role="toolbar" aria-label={words('grid_selected', { n: count })}>
      <span className="num" role="status">
        {words('grid_selected', { n: count })}
      </span>
      {actions.slice(0, buttonsMax).map(({ label, icon, off, onSelect }, at) => (
        <Button
          key={label}
          look="quiet"
          icon={icon}
          off={off}
          className={at > 1 ? 'l' : undefined}
          onClick={onSelect}
        >
          {label}
        </Button>
      ))}
      {rest.length > 0 && (
        <Menu label={words('more')} icon="more" iconOnly className="btn quiet icon" items={rest} />
      )}
      <hr />
      <IconButton icon="close" label={words('grid_clear_selection')} onClick={onClear} />
    </div>
  );
}
