import { useEffect, useState } from 'react';

import { Confirm, useWords } from '@plinth/ui/core';
import { useRouter } from '@plinth/ui/router';

import english from '../../../messages/en/draft.json';
import type { DraftEditor } from './draft-editor.ts';

/** Asks before entries are left that cannot be saved; what can be is sent on the way out. */
export function LeaveGuard({ editor }: { readonly editor: DraftEditor }) {
  const t = useWords(english);
  const router = useRouter();
  const [go, setGo] = useState<(() => void) | undefined>(undefined);
  useEffect(
    () =>
      router.guard((proceed) => {
        if (!wouldLose(editor)) return false;
        setGo(() => proceed);
        return true;
      }),
    [router, editor],
  );
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (!editor.isClean) event.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [editor]);
  if (go === undefined) return null;
  return (
    <Confirm
      title={t('leave')}
      action={t('leave_go')}
      danger
      onConfirm={go}
      onClose={() => setGo(undefined)}
    >
      {t('leave_text')}
    </Confirm>
  );
}

function wouldLose({ view }: DraftEditor): boolean {
  return ['held', 'failed', 'conflict'].includes(view.save.kind);
}
