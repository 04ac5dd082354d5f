import {
  Boundary,
  Empty,
  ErrorState,
  Icon,
  IconButton,
  type IconName,
  LiveDot,
  Skeleton,
} from '@plinth/ui/core';
import { Outlet, TitleSuffix, usePlace } from '@plinth/ui/router';

import type { Overview } from '../answers.ts';
import { SignIn } from './sign-in.tsx';
import { useLive } from './live.ts';
import { useKeys } from './keys.ts';
import { switchTheme } from './theme.ts';

const pages: readonly { href: string; word: string; icon: IconName; wide?: true }[] = [
  { href: '/', word: 'Overview', icon: 'gauge' },
  { href: '/processes', word: 'Processes', icon: 'layers' },
  { href: '/database', word: 'Database', icon: 'table' },
  { href: '/messages', word: 'Messages', icon: 'mail' },
  { href: '/traces', word: 'Traces', icon: 'list' },
  { href: '/alerts', word: 'Alerts', icon: 'bell', wide: true },
];

/** The frame around each page; who has no session sees how to come in. */
export function App() {
  const { data, trouble } = useLive<Overview>('now');
  useKeys();
  if (trouble === 'signed-out') return <SignIn />;
  return (
    <TitleSuffix suffix="Console">
      <div className="app">
        <a className="skip" href="#main">
          Skip to the page
        </a>
        <TopBar overview={data} lost={trouble === 'silent'} />
        <SideNav />
        <main id="main" tabIndex={-1}>
          <Boundary
            fallback={(error, retry) => (
              <ErrorState title="This page cannot be drawn." error={error} onRetry={retry} />
            )}
          >
            <Outlet loading={<Loading />} notFound={<NotFound />} failed={chunkFailure} />
          </Boundary>
        </main>
      </div>
    </TitleSuffix>
  );
}

function TopBar({
  overview,
  lost,
}: {
  readonly overview: Overview | undefined;
  readonly lost: boolean;
}) {
  const all = overview?.processes ?? [];
  const live = all.filter(({ state }) => state === 'live').length;
  const isWell = !lost && all.length > 0 && live === all.length;
  const words = lost ? 'The console does not answer' : `${live} of ${all.length} processes answer`;
  return (
    <header className="top">
      <div className="brand">
        <a href="/" className="plain">
          <Icon name="gauge" /> Console
        </a>
      </div>
      <span className="grow" />
      <LiveDot state={isWell ? 'live' : 'off'}>{words}</LiveDot>
      <IconButton icon="theme" label="Switch between light and dark" onClick={switchTheme} />
      <IconButton icon="out" label="Sign out" onClick={() => void signOut()} />
    </header>
  );
}

async function signOut(): Promise<void> {
  await fetch('/leave', { method: 'POST' });
  location.assign('/');
}

function SideNav() {
  const { url } = usePlace();
  const isAt = (href: string) =>
    href === '/' ? url.pathname === '/' : url.pathname.startsWith(href);
  return (
    <nav className="side" aria-label="Main">
      {pages.map(({ href, word, icon, wide }) => (
        <a
          key={href}
          href={href}
          className={wide === true ? 'x' : undefined}
          aria-current={isAt(href) ? 'page' : undefined}
        >
          <Icon name={icon} />
          <span className="t">{word}</span>
        </a>
      ))}
    </nav>
  );
}

function Loading() {
  return (
    <div className="page">
      <Skeleton lines={8} />
    </div>
  );
}

function NotFound() {
  return (
    <div className="page">
      <Empty
        title="There is no such page"
        icon="search"
        actions={<a href="/">To the overview</a>}
      />
    </div>
  );
}

function chunkFailure(error: unknown, retry: () => void) {
  return <ErrorState title="This page did not come." error={error} onRetry={retry} />;
}
