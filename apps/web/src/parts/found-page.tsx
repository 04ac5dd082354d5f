import { type ComponentChildren, Head, Skeleton } from '@plinth/ui/core';

import { PageFailure } from './page-failure.tsx';

interface FoundPageProps<answer> {
  readonly query: {
    readonly data: answer | undefined;
    readonly isError: boolean;
    readonly error: unknown;
    refetch(): unknown;
  };
  /** Of the page while its thing is on its way. */
  readonly title: string;
  /** Where one goes on if it is not there. */
  readonly list: { readonly href: string; readonly label: string };
  children(found: answer): ComponentChildren;
}

const lines = 10;

/** A page about one thing: the thing, else why it is not there, else its skeleton. */
export function FoundPage<answer>({ query, title, list, children }: FoundPageProps<answer>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return <PageFailure error={query.error} onRetry={() => void query.refetch()} list={list} />;
  }
  return (
    <div className="page">
      <Head title={title} />
      <Skeleton lines={lines} />
    </div>
  );
}
