import { Button, ButtonLink, Head, Menu, useLocale, useWords } from '@plinth/ui/core';
import { instant } from '@plinth/ui/format';

import english from '../../../messages/en/draft.json';
import { useCan } from '../../shell/session.tsx';
import type { DraftEditor } from './draft-editor.ts';
import type { EditorView } from './editor-view.ts';
import { useDraftMenu } from './use-draft-menu.ts';

interface EditorHeadProps {
  readonly editor: DraftEditor;
  readonly view: EditorView;
  onIssue(): void;
}

/** Title, what is saved, and the way on. */
export function EditorHead({ editor, view, onIssue }: EditorHeadProps) {
  const t = useWords(english);
  const can = useCan();
  const isEnded = view.save.kind === 'ended';
  const items = useDraftMenu(view.stored);
  return (
    <Head
      title={view.stored === undefined ? t('new_invoice') : t('draft')}
      crumbs={[
        { label: t('invoices'), href: '/invoices' },
        { label: t('drafts'), href: '/invoices?f=status:in:draft' },
      ]}
      actions={
        <>
          {view.stored !== undefined && (
            <ButtonLink href={`/invoices/${editor.id}`} icon="eye" className="wide-only">
              {t('preview')}
            </ButtonLink>
          )}
          {can('invoicing.issue') ? (
            <Button
              look="primary"
              shortcut="Ctrl+Enter"
              off={isEnded ? t('ended_gone') : ''}
              onClick={onIssue}
            >
              {t('issue')}
            </Button>
          ) : (
            <ButtonLink look="primary" href={`/invoices/${editor.id}`}>
              {t('done')}
            </ButtonLink>
          )}
          {items.length > 0 && (
            <Menu label={t('more')} icon="more" iconOnly className="btn icon" items={items} />
          )}
        </>
      }
    >
      <SaveState view={view} editor={editor} />
    </Head>
  );
}

function SaveState({ view, editor }: Pick<EditorHeadProps, 'view' | 'editor'>) {
  const t = useWords(english);
  const text = useSaveText(view);
  return (
    <span className="here" role="status">
      {text}
      {view.save.kind === 'failed' && (
        <Button look="quiet" onClick={() => void editor.saveNow()}>
          {t('retry')}
        </Button>
      )}
    </span>
  );
}

function useSaveText({ save, savedAt, faults, stored }: EditorView): string {
  const t = useWords(english);
  const { formats } = useLocale();
  const saved =
    savedAt === undefined
      ? t('saved_never')
      : t('saved', { time: instant(savedAt, formats, 'time') });
  const isHeldBack = stored === undefined && faults.some(({ code }) => code === 'fault_customer');
  const words = {
    saved: () => saved,
    ended: () => saved,
    saving: () => t('saving'),
    waiting: () => t('saving'),
    held: () => (isHeldBack ? t('held_customer') : t('held', { n: faults.length })),
    failed: () => t('failed', { why: 'problem' in save ? save.problem.message : '' }),
    conflict: () => t('conflict_short'),
  };
  return words[save.kind]();
}
