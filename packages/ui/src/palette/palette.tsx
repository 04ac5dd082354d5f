import { useEffect, useId, useMemo, useRef, useState } from 'react';

import { Icon, type IconName } from '../core/icon.tsx';
import { useWords } from '../core/locale.tsx';
import english from '../messages/palette-en.json';
import { best } from './fuzzy.ts';

export interface PaletteCommand {
  readonly id: string;
  readonly label: string;
  readonly section: 'actions' | 'recent' | 'pages' | 'found';
  readonly icon: IconName;
  /** Muted, at the end: a customer's city, an invoice's amount. */
  readonly detail?: string | undefined;
  readonly shortcut?: string | undefined;
  run(): void;
}

interface PaletteProps {
  readonly commands: readonly PaletteCommand[];
  /** Things of the books, asked for 120 ms after the last key, from two characters on. */
  search?(text: string, signal: AbortSignal): Promise<readonly PaletteCommand[]>;
  onClose(): void;
}

const shownMax = 24;
const searchAfterMs = 120;

/** Everything that can be done or gone to, by typing. */
export function Palette({ commands, search, onClose }: PaletteProps) {
  const words = useWords(english);
  const box = useRef<HTMLDialogElement>(null);
  const list = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = useSearch(search, typed);
  const shown = useMemo(
    () => [...best(commands, typed, shownMax), ...found],
    [commands, typed, found],
  );
  useEffect(() => {
    box.current?.showModal();
    return () => box.current?.close();
  }, []);
  const choose = (command: PaletteCommand | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const step = (by: number) => setAt((at + by + shown.length) % Math.max(1, shown.length));
  return (
    <dialog
      ref={box}
      className="palette"
      aria-label={words('palette_label')}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <label className="find">
        <Icon name="search" />
        <input
          {...comboProps(list, shown[at] === undefined ? undefined : at, words('palette_label'))}
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (by !== undefined) step(by);
            else if (event.key === 'Enter') choose(shown[at]);
            else return;
            event.preventDefault();
          }}
        />
      </label>
      <Options id={list} shown={shown} at={at} onChoose={choose} />
    </dialog>
  );
}

function comboProps(list: string, at: number | undefined, label: string) {
  return {
    role: 'combobox',
    'aria-expanded': true,
    'aria-controls': list,
    'aria-activedescendant': at === undefined ? undefined : `${list}-${at}`,
    'aria-label': label,
    placeholder: label,
  } as const;
}

interface OptionsProps {
  readonly id: string;
  readonly shown: readonly PaletteCommand[];
  readonly at: number;
  onChoose(command: PaletteCommand): void;
}

const sections = ['actions', 'recent', 'pages', 'found'] as const;

function Options({ id, shown, at, onChoose }: OptionsProps) {
  const words = useWords(english);
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, at]);
  return (
    <div className="found" role="listbox" id={id} aria-label={words('palette_label')}>
      {shown.length === 0 && <p className="hint">{words('palette_none')}</p>}
      {sections.map((section) => {
        const commands = shown.filter((command) => command.section === section);
        if (commands.length === 0) return null;
        return (
          <div key={section} role="group" aria-label={words(`palette_${section}`)}>
            <h3>{words(`palette_${section}`)}</h3>
            {commands.map((command) => {
              const index = shown.indexOf(command);
              return (
                <div
                  key={command.id}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={index === at}
                  onPointerDown={(event) => {
                    event.preventDefault();
                    onChoose(command);
                  }}
                >
                  <Icon name={command.icon} />
                  <span className="clip">{command.label}</span>
                  <span className="at num">{command.detail}</span>
                  {command.shortcut !== undefined && <kbd>{command.shortcut}</kbd>}
                </div>
              );
            })}
          </div>
        );
      })}
    </div>
  );
}

const nothing: readonly PaletteCommand[] = [];

function useSearch(search: PaletteProps['search'], typed: string): readonly PaletteCommand[] {
  const [found, setFound] = useState(nothing);
  const latest = useRef(search);
  latest.current = search;
  useEffect(() => {
    const text = typed.trim();
    const abort = new AbortController();
    if (text.length < 2) setFound(nothing);
    const timer = setTimeout(() => {
      if (text.length < 2) return;
      latest.current?.(text, abort.signal).then(
        (answer) => setFound(answer),
        // A search that failed finds nothing: the commands stay usable.
        () => setFound(nothing),
      );
    }, searchAfterMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [typed]);
  return found;
}
