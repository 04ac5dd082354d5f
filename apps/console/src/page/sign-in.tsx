import { Empty } from '@plinth/ui/core';

/** No password: who may run the command on this machine may look. */
export function SignIn() {
  const isUsed = new URLSearchParams(location.search).has('link');
  return (
    <main className="page">
      <h1 className="sr">Sign in to the console</h1>
      <Empty
        icon="lock"
        title={isUsed ? 'This link was used, or is older than a minute' : 'Sign in by a link'}
      >
        Run <code>npx plinth console</code> on the machine that Plinth runs on, and open the link
        that it prints. It works once, within a minute; the session ends after half an hour without
        use.
      </Empty>
    </main>
  );
}
