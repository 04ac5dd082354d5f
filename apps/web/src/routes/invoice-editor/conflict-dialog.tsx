import { documentTotals } from '@plinth/invoicing/browser';
import { useId, useState } from 'react';

import { Button, Dialog, useLocale, useWords } from '@plinth/ui/core';
import { day, money } from '@plinth/ui/format';

import english from '../../../messages/en/draft.json';
import type { DraftEditor } from './draft-editor.ts';
import { type DraftText, isBlank } from './draft-text.ts';
import type { EditorView } from './editor-view.ts';
import { readLine, type Section } from './read-draft.ts';
import { useSectionName } from './section-name.ts';

interface ConflictDialogProps {
  readonly editor: DraftEditor;
  readonly view: EditorView;
  onClose(): void;
}

/** Two people changed the same parts: part by part mine or theirs. Closing it leaves the question open. */
export function ConflictDialog({ editor, view, onClose }: ConflictDialogProps) {
  const t = useWords(english);
  const [theirs, setTheirs] = useState<ReadonlySet<Section>>(new Set());
  const { save } = view;
  if (save.kind !== 'conflict') return null;
  const { conflicts } = save;
  return (
    <Dialog
      title={t('conflict')}
      wide
      onClose={onClose}
      onSubmit={() => editor.resolve([...theirs])}
      footer={
        <>
          <Button onClick={() => editor.resolve(conflicts)}>{t('keep_theirs')}</Button>
          <Button type="submit" look="primary">
            {t('use_choice')}
          </Button>
        </>
      }
    >
      <p>{t('conflict_text')}</p>
      <table className="tbl">
        <thead>
          <tr>
            <th scope="col">{t('field')}</th>
            <th scope="col">{t('mine')}</th>
            <th scope="col">{t('theirs')}</th>
          </tr>
        </thead>
        <tbody>
          {conflicts.map((section) => (
            <ConflictRow
              key={section}
              section={section}
              mine={view.text}
              theirs={save.theirs}
              takesTheirs={theirs.has(section)}
              onTake={(take) => {
                const next = new Set(theirs);
                if (take) next.add(section);
                else next.delete(section);
                setTheirs(next);
              }}
            />
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

interface ConflictRowProps {
  readonly section: Section;
  readonly mine: DraftText;
  readonly theirs: DraftText;
  readonly takesTheirs: boolean;
  onTake(theirs: boolean): void;
}

function ConflictRow({ section, mine, theirs, takesTheirs, onTake }: ConflictRowProps) {
  const nameOf = useSectionName();
  const shown = useShown();
  const group = useId();
  const sides = [
    { text: shown(mine, section), isTheirs: false },
    { text: shown(theirs, section), isTheirs: true },
  ];
  return (
    <tr>
      <td>{nameOf(section)}</td>
      {sides.map(({ text, isTheirs }) => (
        <td key={String(isTheirs)}>
          <label className="check">
            <input
              type="radio"
              className="box"
              name={group}
              checked={takesTheirs === isTheirs}
              onChange={() => onTake(isTheirs)}
            />
            <bdi className="clip max-w-60">{text}</bdi>
          </label>
        </td>
      ))}
    </tr>
  );
}

/** A part as one line of text. */
function useShown(): (draft: DraftText, section: Section) => string {
  const t = useWords(english);
  const { formats } = useLocale();
  return (draft, section) => {
    if (section === 'customerId') return draft.customer?.name ?? '';
    if (section === 'issueDate' || section === 'dueDate') return day(draft[section], formats);
    if (section !== 'lines') return draft[section];
    const lines = draft.lines.filter((line) => !isBlank(line));
    const { currency } = draft;
    const inputs = lines.flatMap((line) => readLine(line, currency, formats).input ?? []);
    const minor = Number(documentTotals(inputs).grossMinor);
    return t('lines_text', { n: lines.length, amount: money({ minor, currency }, formats) });
  };
}
