import { useState } from 'react';

import { Problem } from '@plinth/core/problem';

import { client, session } from '../../data/client.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly code: string;
}

export interface SignIn {
  readonly busy: boolean;
  /** The password was right and a code is wanted. */
  readonly wantsCode: boolean;
  readonly problem: Problem | undefined;
  submit(credentials: Credentials): void;
}

/** Signs in: the password first, then the code if the account has a second factor. */
export function useSignIn(): SignIn {
  const [busy, setBusy] = useState(false);
  const [wantsCode, setWantsCode] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const send = async ({ email, password, code }: Credentials) => {
    const typed = code.replaceAll(/\s/gu, '');
    const answer = await client.identity.signIn({
      email,
      password,
      ...(typed === '' ? {} : { code: typed }),
    });
    setWantsCode(answer.totpRequired);
    if (answer.me !== null) session.begin(answer.me);
  };
  return {
    busy,
    wantsCode,
    problem,
    submit(credentials) {
      if (busy) return;
      setBusy(true);
      setProblem(undefined);
      send(credentials)
        .catch((error: unknown) => setProblem(Problem.from(error)))
        .finally(() => setBusy(false));
    },
  };
}
