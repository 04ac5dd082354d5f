import { lazy, Suspense, useEffect, useState } from 'react';

import { ErrorState, ToastProvider, useWords } from '@plinth/ui/core';
import { usePlace } from '@plinth/ui/router';

import { client, session } from '../data/client.ts';
import english from '../../messages/en/shell.json';
import { Frame } from './frame.tsx';
import { MeProvider, useSessionState } from './session.tsx';

const SignIn = lazy(async () => {
  const { SignInPage } = await import('../routes/sign-in/page.tsx');
  return { default: SignInPage };
});
const InvitePage = lazy(async () => {
  const module = await import('../routes/sign-in/invite-page.tsx');
  return { default: module.InvitePage };
});
const SessionDialog = lazy(async () => {
  const module = await import('../routes/sign-in/session-dialog.tsx');
  return { default: module.SessionDialog };
});

/** An invitation is for whom it was given, whoever is signed in here. */
export function App() {
  const { url } = usePlace();
  const [, token] = /^\/invite\/([\w-]+)$/u.exec(url.pathname) ?? [];
  if (token === undefined) return <Gated />;
  return (
    <Suspense fallback={<Bare />}>
      <InvitePage token={token} />
    </Suspense>
  );
}

/** Who is not signed in sees the sign-in page, at whatever address. */
function Gated() {
  const state = useSessionState();
  const { error, retry } = useBoot();
  if (error !== undefined) return <BootFailure error={error} retry={retry} />;
  if (state.state === 'unknown') return <Bare />;
  if (state.state === 'out') {
    return (
      <Suspense fallback={<Bare />}>
        <SignIn />
      </Suspense>
    );
  }
  return (
    <MeProvider me={state.me}>
      <ToastProvider>
        <Frame />
        {state.state === 'expired' && (
          <Suspense fallback={null}>
            <SessionDialog me={state.me} />
          </Suspense>
        )}
      </ToastProvider>
    </MeProvider>
  );
}

/** Asks who is signed in. A 401 shows the gate, and the same call answers once somebody is. */
function useBoot(): { readonly error: unknown; retry(): void } {
  const [error, setError] = useState<unknown>(undefined);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    setError(undefined);
    client.identity.whoAmI({}).then((me) => session.begin(me), setError);
  }, [tries]);
  return { error, retry: () => setTries((n) => n + 1) };
}

/** The shell before it is known who sits here: the same frame, so that nothing moves. */
function Bare() {
  return (
    <div className="app">
      <header className="top" />
      <nav className="side" />
      <main />
    </div>
  );
}

function BootFailure({ error, retry }: { readonly error: unknown; retry(): void }) {
  const t = useWords(english);
  return (
    <main>
      <ErrorState title={t('boot_failed')} error={error} onRetry={retry} />
    </main>
  );
}
