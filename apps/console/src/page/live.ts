import { useEffect, useState } from 'react';

const everyMs = 5_000;
const answerMs = 8_000;

export interface Live<answer> {
  readonly data: answer | undefined;
  /** Why there is nothing newer. */
  readonly trouble: 'signed-out' | 'silent' | undefined;
}

/** Asks the console's server now and each 5 s while the page is seen; keeps what it had when that fails. */
export function useLive<answer>(path: string): Live<answer> {
  const [live, setLive] = useState<Live<answer>>({ data: undefined, trouble: undefined });
  useEffect(() => {
    const ended = new AbortController();
    const look = async () => {
      if (document.hidden) return;
      const next = await read(path, ended.signal);
      if (ended.signal.aborted) return;
      if (!('data' in next)) return setLive(({ data }) => ({ data, ...next }));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- answers.ts is what the same version's server gives
      setLive({ data: next.data as answer, trouble: undefined });
    };
    void look();
    const timer = setInterval(() => void look(), everyMs);
    const seen = () => void look();
    document.addEventListener('visibilitychange', seen);
    return () => {
      ended.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [path]);
  return live;
}

async function read(
  path: string,
  signal: AbortSignal,
): Promise<{ data: unknown; trouble: undefined } | { trouble: 'signed-out' | 'silent' }> {
  try {
    const response = await fetch(`/api/${path}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    if (response.status === 401) return { trouble: 'signed-out' };
    return response.ok
      ? { data: await response.json(), trouble: undefined }
      : { trouble: 'silent' };
  } catch {
    return { trouble: 'silent' };
  }
}
