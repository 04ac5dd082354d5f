import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';

import { useLocale } from '@plinth/ui/core';
import { usePlace, useRouter } from '@plinth/ui/router';

import { client } from '../../data/client.ts';
import { invoiceQuery, keepInvoice } from '../../parts/invoice-queries.ts';
import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { DraftEditor } from './draft-editor.ts';
import type { DraftText } from './draft-text.ts';
import type { DraftServer, EditorView } from './editor-view.ts';

const server: DraftServer = {
  create: (input, key) => kept(client.invoicing.createDraft(input, { key })),
  change: (input, key) => kept(client.invoicing.changeDraft(input, { key })),
  get: (id) => client.invoicing.getInvoice({ id }),
};

async function kept(call: Promise<InvoiceDetail>): Promise<InvoiceDetail> {
  const answer = await call;
  keepInvoice(answer);
  return answer;
}

/** One editor for one draft as long as the page is open; it hears of what others change. */
export function useEditor(
  id: string,
  begin: InvoiceDetail | DraftText,
): { readonly editor: DraftEditor; readonly view: EditorView } {
  const { formats } = useLocale();
  const [editor] = useState(
    () =>
      new DraftEditor(id, begin, {
        server,
        formats,
        newKey: () => crypto.randomUUID(),
        now: () => performance.timeOrigin + performance.now(),
        after(ms, run) {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
      }),
  );
  const view = useSyncExternalStore(editor.subscribe, () => editor.view);
  useOthersChanges(editor, view);
  useAddress(id, view);
  useLastSave(editor);
  return { editor, view };
}

function useOthersChanges(editor: DraftEditor, { stored }: EditorView): void {
  const query = useQuery({ ...invoiceQuery(editor.id), enabled: stored !== undefined });
  const { data } = query;
  useEffect(() => {
    if (data !== undefined) editor.saw(data);
  }, [editor, data]);
}

/** As soon as the server has it, the address is that of a stored draft. */
function useAddress(id: string, { stored }: EditorView): void {
  const router = useRouter();
  const isNew = usePlace().search.has('new');
  useEffect(() => {
    if (stored !== undefined && isNew) router.navigate(`/invoices/${id}/edit`, { replace: true });
  }, [id, stored === undefined, isNew]);
}

/** What is still waiting is sent when the page is left. */
function useLastSave(editor: DraftEditor): void {
  const latest = useRef(editor);
  useEffect(
    () => () => {
      const { current } = latest;
      if (!current.isClean) void current.saveNow();
      current.close();
    },
    [],
  );
}
