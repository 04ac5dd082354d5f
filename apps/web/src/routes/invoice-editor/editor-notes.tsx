import { useState } from 'react';

import { Button, ButtonLink, Note, useWords } from '@plinth/ui/core';
import { useRouter } from '@plinth/ui/router';

import english from '../../../messages/en/draft.json';
import { newId } from '../../parts/new-id.ts';
import { carryDraft } from './carried-drafts.ts';
import { ConflictDialog } from './conflict-dialog.tsx';
import type { DraftEditor } from './draft-editor.ts';
import type { EditorView } from './editor-view.ts';
import { useSectionName } from './section-name.ts';

interface EditorNotesProps {
  readonly editor: DraftEditor;
  readonly view: EditorView;
}

/** What others did to the draft while it is open here. */
export function EditorNotes({ editor, view }: EditorNotesProps) {
  const { save, taken } = view;
  if (save.kind === 'ended') return <Ended editor={editor} view={view} />;
  if (save.kind === 'conflict') return <Conflict editor={editor} view={view} />;
  return taken.length > 0 ? <Taken view={view} /> : null;
}

function Taken({ view }: { readonly view: EditorView }) {
  const t = useWords(english);
  const nameOf = useSectionName();
  return (
    <div className="mt-4">
      <Note>{t('taken', { fields: view.taken.map(nameOf).join(', ') })}</Note>
    </div>
  );
}

function Conflict({ editor, view }: EditorNotesProps) {
  const t = useWords(english);
  const [open, setOpen] = useState(true);
  return (
    <div className="mt-4">
      <Note tone="warn" action={<Button onClick={() => setOpen(true)}>{t('resolve')}</Button>}>
        {t('conflict')}
      </Note>
      {open && <ConflictDialog editor={editor} view={view} onClose={() => setOpen(false)} />}
    </div>
  );
}

function Ended({ editor, view }: EditorNotesProps) {
  const t = useWords(english);
  const router = useRouter();
  const { save } = view;
  const number = save.kind === 'ended' ? save.problem.context?.['number'] : undefined;
  if (typeof number === 'string') {
    return (
      <div className="mt-4">
        <Note
          tone="warn"
          action={
            <ButtonLink href={`/invoices/${editor.id}`}>{t('open_issued', { number })}</ButtonLink>
          }
        >
          {t('ended_issued', { number })}
        </Note>
      </div>
    );
  }
  const saveAsNew = () => {
    const id = newId();
    carryDraft(id, view.text);
    router.navigate(`/invoices/${id}/edit?new=1`);
  };
  return (
    <div className="mt-4">
      <Note tone="warn" action={<Button onClick={saveAsNew}>{t('save_as_new')}</Button>}>
        {t('ended_gone')}
      </Note>
    </div>
  );
}
