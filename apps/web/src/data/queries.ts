import { Problem } from '@plinth/core/problem';
import { QueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import { useToast } from '@plinth/ui/core';

import { client } from './client.ts';
import { keyOf, type ModuleName } from './keys.ts';

type Calls = typeof client;

type InputOf<call> = call extends (input: infer input, ...rest: never[]) => Promise<unknown>
  ? input
  : never;
type AnswerOf<call> = call extends (...args: never[]) => Promise<infer answer> ? answer : never;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 300_000,
      // The client has tried a GET three times already.
      retry: false,
      refetchOnWindowFocus: false,
      networkMode: 'always',
    },
  },
});

interface Query<answer> {
  readonly queryKey: readonly unknown[];
  queryFn(context: { readonly signal: AbortSignal }): Promise<answer>;
}

/** A query of one operation for `useQuery`: its key is the operation's name and input. */
export function queryOf<m extends ModuleName, o extends keyof Calls[m] & string>(
  module: m,
  operation: o,
  input: InputOf<Calls[m][o]>,
): Query<AnswerOf<Calls[m][o]>> {
  return {
    queryKey: keyOf(module, operation, input),
    queryFn: ({ signal }) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's calls take their input and call options; `InputOf` and `AnswerOf` are their types
      const call = client[module][operation] as unknown as (
        given: unknown,
        options: { signal: AbortSignal },
      ) => Promise<AnswerOf<Calls[m][o]>>;
      return call(input, { signal });
    },
  };
}

/** Starts a query that a page is about to show; its failure is the page's to show. */
export function prefetch(query: Query<unknown>): void {
  void queryClient.prefetchQuery(query);
}

/** Makes queries of a module, or of one of its operations, old; those on screen are asked again. */
export function invalidate(module: ModuleName, operation?: string): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: keyOf(module, operation) });
}

interface CommandOptions<input, answer> {
  done?(answer: answer, input: input): void;
  /** Without it a failure is a toast. */
  failed?(problem: Problem, input: input): void;
}

export interface Command<input> {
  run(input: input): void;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
}

/**
 * A write: one at a time, under one idempotency key until an answer came. So a click after a lost answer
 * asks for the same thing again and never does it twice.
 */
export function useCommand<input, answer>(
  call: (input: input, options: { readonly key: string }) => Promise<answer>,
  options: CommandOptions<input, answer> = {},
): Command<input> {
  const toast = useToast();
  const intent = useRef<{ readonly key: string; readonly text: string } | undefined>(undefined);
  const running = useRef(false);
  const [state, setState] = useState<{ busy: boolean; problem: Problem | undefined }>(idle);
  const send = async (input: input) => {
    const text = JSON.stringify([input]);
    if (intent.current?.text !== text) intent.current = { key: crypto.randomUUID(), text };
    const result = await call(input, { key: intent.current.key }).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ problem: Problem.from(error) }),
    );
    running.current = false;
    if (!('problem' in result)) {
      intent.current = undefined;
      setState(idle);
      options.done?.(result.answer, input);
      return;
    }
    const { problem } = result;
    if (wasAnswered(problem)) intent.current = undefined;
    setState({ busy: false, problem });
    if (options.failed === undefined) toast({ text: problem.message, tone: 'danger' });
    else options.failed(problem, input);
  };
  return {
    ...state,
    run: (input) => {
      if (running.current) return;
      running.current = true;
      setState({ busy: true, problem: undefined });
      void send(input);
    },
  };
}

const idle = { busy: false, problem: undefined };

/** False where the server may have done it and the answer was lost. */
function wasAnswered({ kind }: Problem): boolean {
  return !['unavailable', 'timeout', 'cancelled', 'internal', 'overloaded'].includes(kind);
}
