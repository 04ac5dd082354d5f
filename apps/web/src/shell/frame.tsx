import { useState } from 'react';

import {
  Boundary,
  Button,
  ButtonLink,
  Empty,
  ErrorState,
  Skeleton,
  useWords,
} from '@plinth/ui/core';
import { Outlet, TitleSuffix, usePlace } from '@plinth/ui/router';

import english from '../../messages/en/shell.json';
import { PaletteGate } from './palette-gate.tsx';
import { useMe } from './session.tsx';
import { SideNav } from './side-nav.tsx';
import { TopBar } from './top-bar.tsx';
import { useLiveLink } from './use-live-link.ts';

/** Top bar, navigation and the page. A crash of the page leaves them. */
export function Frame() {
  const t = useWords(english);
  const me = useMe();
  const { route, visit } = usePlace();
  const [paletteOpen, openPalette] = useState(false);
  const link = useLiveLink();
  return (
    <TitleSuffix suffix={me.tenant.name}>
      <div className="app">
        <a className="skip" href="#main">
          {t('skip')}
        </a>
        <TopBar link={link} onSearch={() => openPalette(true)} />
        <SideNav path={route?.path ?? ''} />
        <main id="main" tabIndex={-1}>
          <Boundary
            key={visit}
            fallback={(error, retry) => (
              <ErrorState title={t('page_failed')} error={error} onRetry={retry} />
            )}
          >
            <Outlet loading={<Loading />} notFound={<NotFound />} failed={chunkFailure} />
          </Boundary>
        </main>
      </div>
      <PaletteGate open={paletteOpen} onOpen={openPalette} />
    </TitleSuffix>
  );
}

function Loading() {
  return (
    <div className="page">
      <Skeleton lines={8} />
    </div>
  );
}

/** The same words whether it never was, is gone, or is another tenant's. */
function NotFound() {
  const t = useWords(english);
  return (
    <div className="page">
      <h1 className="sr" tabIndex={-1}>
        {t('not_found')}
      </h1>
      <Empty
        title={t('not_found')}
        icon="search"
        actions={<ButtonLink href="/">{t('to_dashboard')}</ButtonLink>}
      >
        {t('not_found_text')}
      </Empty>
    </div>
  );
}

function chunkFailure(error: unknown, retry: () => void) {
  return <ChunkFailure error={error} retry={retry} />;
}

function ChunkFailure({ error, retry }: { readonly error: unknown; retry(): void }) {
  const t = useWords(english);
  return (
    <div className="page">
      <ErrorState title={t('chunk_failed')} error={error} onRetry={retry} />
      <div className="flex justify-center">
        <Button onClick={() => location.reload()}>{t('reload')}</Button>
      </div>
    </div>
  );
}
