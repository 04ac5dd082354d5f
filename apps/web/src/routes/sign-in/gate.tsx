import { type ReactNode, useEffect, useState } from 'react';

import { IconButton, LiveDot, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/sign-in.json';
import shell from '../../../messages/en/shell.json';
import { isReady } from '../../data/health.ts';
import { switchTheme } from '../../shell/look.ts';
import { Mark } from '../../shell/mark.tsx';

/** On the left the form, on the right the state of the service on ledger lines. */
export function Gate({ children }: { readonly children: ReactNode }) {
  const t = useWords(english);
  const common = useWords(shell);
  return (
    <main id="main" className="gate" tabIndex={-1}>
      <div className="form">
        <div className="lock">
          <Mark size={24} />
          <strong>Plinth</strong>
          <IconButton icon="theme" label={common('switch_theme')} onClick={switchTheme} />
        </div>
        {children}
      </div>
      <aside className="art" aria-label={t('service')}>
        <Ledger />
        <dl className="kv num">
          <dt>{t('service')}</dt>
          <dd>
            <ServiceState />
          </dd>
        </dl>
      </aside>
    </main>
  );
}

/** Asked once: the page is looked at for a moment. */
function ServiceState() {
  const t = useWords(english);
  const [ready, setReady] = useState<boolean | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    void isReady(abort.signal).then(setReady);
    return () => abort.abort();
  }, []);
  if (ready === undefined) return null;
  return (
    <LiveDot state={ready ? 'live' : 'off'}>{t(ready ? 'service_fine' : 'service_down')}</LiveDot>
  );
}

const lineHeightPx = 36;
const lineCount = 40;

/** Lines of a ledger, and the three slabs standing on them. */
function Ledger() {
  const lines = Array.from(
    { length: lineCount },
    (_, at) => `M0 ${at * lineHeightPx + lineHeightPx - 0.5}H2400`,
  );
  return (
    <>
      <svg className="base" aria-hidden="true">
        <path d={lines.join('')} />
      </svg>
      <svg className="slabs" viewBox="0 0 432 217" aria-hidden="true">
        <path d="M144.75.75h142.5v71.5h-142.5zM72.75 72.25h286.5v72H72.75zM.75 144.25h430.5v72H.75z" />
      </svg>
    </>
  );
}
