import { useEffect, useState } from 'react';

import { Problem } from '@plinth/core/problem';
import { Button, Dialog, Note, Progress, useLocale, useWords } from '@plinth/ui/core';
import { count, instant } from '@plinth/ui/format';

import english from '../../../messages/en/activity.json';
import { client } from '../../data/client.ts';

type Answer = Awaited<ReturnType<typeof client.audit.verifyChain>>;

type Run =
  | { readonly state: 'running'; readonly last: Answer | undefined }
  | { readonly state: 'ended'; readonly last: Answer }
  | { readonly state: 'failed'; readonly problem: Problem };

const begun: Run = { state: 'running', last: undefined };

/** Computes all hashes again, 100,000 entries a call, and says whether the trail is as it was written. */
export function VerifyDialog({ onClose }: { onClose(): void }) {
  const t = useWords(english);
  const [attempt, setAttempt] = useState(0);
  const run = useVerify(attempt);
  return (
    <Dialog
      title={t('verify_title')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('close')}</Button>
          <Button
            look="primary"
            busy={run.state === 'running'}
            onClick={() => setAttempt(attempt + 1)}
          >
            {t('verify_again')}
          </Button>
        </>
      }
    >
      <p className="muted mb-3">{t('verify_text')}</p>
      <Outcome run={run} />
    </Dialog>
  );
}

function Outcome({ run }: { readonly run: Run }) {
  const t = useWords(english);
  const { formats } = useLocale();
  if (run.state === 'failed') return <Note tone="danger">{run.problem.message}</Note>;
  const { last } = run;
  if (run.state === 'running' || last === undefined) {
    const [done, total] = [last?.lastSeq ?? 0, last?.headSeq ?? 0];
    return (
      <Progress label={t('verify_title')} done={total === 0 ? 0 : done / total}>
        <p className="muted num">
          {t('verify_progress', { n: count(done, formats), total: count(total, formats) })}
        </p>
      </Progress>
    );
  }
  const { broken, headSeq, checkedAt } = last;
  if (broken !== null) {
    const why = t(`why_${broken.why}`);
    return <Note tone="danger">{t('broken', { seq: count(broken.seq, formats), why })}</Note>;
  }
  const time = instant(Date.parse(checkedAt), formats, 'seconds');
  return <Note tone="ok">{t('whole', { n: headSeq, time })}</Note>;
}

function useVerify(attempt: number): Run {
  const [run, setRun] = useState<Run>(begun);
  useEffect(() => {
    const abort = new AbortController();
    setRun(begun);
    verify(abort.signal, (last) => setRun({ state: 'running', last })).then(
      (last) => setRun({ state: 'ended', last }),
      (error: unknown) => {
        if (!abort.signal.aborted) setRun({ state: 'failed', problem: Problem.from(error) });
      },
    );
    return () => abort.abort();
  }, [attempt]);
  return run;
}

async function verify(signal: AbortSignal, onPart: (part: Answer) => void): Promise<Answer> {
  for (let after = 0; ;) {
    const part = await client.audit.verifyChain({ after }, { signal });
    if (part.state !== 'more') return part;
    onPart(part);
    after = part.lastSeq;
  }
}
