import { useState } from 'react';

import { Problem } from '@plinth/core/problem';

import type { Me } from '../../data/session.ts';

export interface Entry<typed> {
  readonly busy: boolean;
  /** The password was right and a code is wanted. */
  readonly wantsCode: boolean;
  readonly problem: Problem | undefined;
  submit(typed: typed): void;
}

interface Answer {
  readonly totpRequired: boolean;
  readonly me: Me | null;
}

/** A way into the product: the password first, then the code if the account has a second factor. */
export function useEntry<typed extends { readonly code: string }>(
  send: (typed: typed) => Promise<Answer>,
  enter: (me: Me) => void,
): Entry<typed> {
  const [busy, setBusy] = useState(false);
  const [wantsCode, setWantsCode] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const ask = async (typed: typed) => {
    const { totpRequired, me } = await send({ ...typed, code: typed.code.replaceAll(/\s/gu, '') });
    setWantsCode(totpRequired);
    if (me !== null) enter(me);
  };
  return {
    busy,
    wantsCode,
    problem,
    submit(typed) {
      if (busy) return;
      setBusy(true);
      setProblem(undefined);
      ask(typed)
        .catch((error: unknown) => setProblem(Problem.from(error)))
        .finally(() => setBusy(false));
    },
  };
}
