import { lazy, Suspense, useState } from 'react';

import { Button, Chip, Panel, useToast, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/totp.json';
import { client, session } from '../../data/client.ts';
import { useMe } from '../../shell/session.tsx';

const SetUpDialog = lazy(async () => {
  const module = await import('./totp-set-up.tsx');
  return { default: module.SetUpDialog };
});
const RemoveDialog = lazy(async () => {
  const module = await import('./totp-remove.tsx');
  return { default: module.RemoveDialog };
});

/** The code that is asked for besides the password. */
export function TotpPanel() {
  const t = useWords(english);
  const toast = useToast();
  const { totp } = useMe().user;
  const [open, setOpen] = useState<'set-up' | 'remove' | undefined>(undefined);
  const close = () => setOpen(undefined);
  return (
    <Panel
      title={t('title')}
      more={totp ? <Chip tone="ok">{t('on')}</Chip> : <Chip>{t('off')}</Chip>}
    >
      <p className="mb-3">{t(totp ? 'on_text' : 'off_text')}</p>
      {totp ? (
        <Button onClick={() => setOpen('remove')}>{t('turn_off')}</Button>
      ) : (
        <Button icon="shield" onClick={() => setOpen('set-up')}>
          {t('turn_on')}
        </Button>
      )}
      <Suspense fallback={null}>
        {open === 'set-up' && <SetUpDialog onClose={close} onDone={() => void readMe()} />}
        {open === 'remove' && (
          <RemoveDialog
            onClose={close}
            onDone={() => {
              close();
              toast({ text: t('turned_off'), tone: 'ok' });
              void readMe();
            }}
          />
        )}
      </Suspense>
    </Panel>
  );
}

async function readMe(): Promise<void> {
  session.begin(await client.identity.whoAmI({}));
}
