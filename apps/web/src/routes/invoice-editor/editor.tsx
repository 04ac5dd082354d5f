import { type KeyboardEvent, lazy, Suspense, useState } from 'react';

import { useWords } from '@plinth/ui/core';
import { useRouter, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/draft.json';
import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { useCan } from '../../shell/session.tsx';
import { CreditPanel } from './credit-panel.tsx';
import type { DraftText } from './draft-text.ts';
import { EditorHead } from './editor-head.tsx';
import { EditorNotes } from './editor-notes.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { focusPath } from './line-focus.ts';
import { LinesPanel } from './lines-panel.tsx';
import { NotesPanel, TermsPanel } from './terms-panel.tsx';
import { TotalsPanel } from './totals-panel.tsx';
import { useEditor } from './use-editor.ts';
import { useTermsForm } from './use-terms-form.ts';

const IssueDialog = lazy(async () => {
  const module = await import('../../parts/issue-dialog.tsx');
  return { default: module.IssueDialog };
});

interface EditorProps {
  readonly id: string;
  readonly begin: InvoiceDetail | DraftText;
}

/** A draft: terms, lines, notes; saved as it is typed, totals as the server computes them. */
export function Editor({ id, begin }: EditorProps) {
  const t = useWords(english);
  const can = useCan();
  const router = useRouter();
  const { editor, view } = useEditor(id, begin);
  const form = useTermsForm(editor, view);
  const [attempted, setAttempted] = useState(false);
  const [issuing, setIssuing] = useState(false);
  const { customer } = view.text;
  useTitle(customer === undefined ? t('new_invoice') : t('draft_for', { name: customer.name }));
  const issue = async () => {
    setAttempted(true);
    const [fault] = view.faults;
    if (fault !== undefined) focusPath(fault.path, view.text.lines);
    else if (await editor.saveNow()) setIssuing(true);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (can('invoicing.issue')) void issue();
  };
  return (
    <div className="page" onKeyDown={press}>
      <EditorHead editor={editor} view={view} onIssue={() => void issue()} />
      <EditorNotes editor={editor} view={view} />
      <div className="detail">
        <div className="flex min-w-0 flex-col gap-4">
          <TermsPanel form={form} editor={editor} view={view} />
          <LinesPanel editor={editor} view={view} attempted={attempted} />
          <NotesPanel form={form} />
        </div>
        <div className="rail desk:sticky desk:top-4">
          <TotalsPanel view={view} />
          {customer !== undefined && <CreditPanel customerId={customer.id} view={view} />}
        </div>
      </div>
      <LeaveGuard editor={editor} />
      {issuing && view.stored !== undefined && (
        <Suspense fallback={null}>
          <IssueDialog
            invoice={view.stored}
            onClose={() => setIssuing(false)}
            onIssued={() => router.navigate(`/invoices/${id}`)}
          />
        </Suspense>
      )}
    </div>
  );
}
