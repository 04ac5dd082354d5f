import { useQuery } from '@tanstack/react-query';

import { ErrorState, Facts, Skeleton, useLocale, useWords } from '@plinth/ui/core';
import { count, instant } from '@plinth/ui/format';

import english from '../../../messages/en/activity.json';
import { queryOf } from '../../data/queries.ts';
import { objectHref } from './names.ts';

/** All that an entry says: beside the list, and on its own page. */
export function EntryPreview({ id }: { readonly id: string }) {
  const t = useWords(english);
  const { formats } = useLocale();
  const entry = useQuery(queryOf('audit', 'getEntry', { id }));
  if (entry.isError) {
    return <ErrorState error={entry.error} onRetry={() => void entry.refetch()} />;
  }
  if (entry.data === undefined) return <Skeleton lines={8} />;
  const { at, actorName, actorKind, action, seq, reqId, hash, body } = entry.data;
  const href = objectHref(entry.data);
  return (
    <>
      <section>
        <Facts
          items={[
            [t('at'), <span className="num">{instant(Date.parse(at), formats, 'full')}</span>],
            [t('actor'), actorName === '' ? t(`kind_${actorKind}`) : <bdi>{actorName}</bdi>],
            [t('action'), mono(action)],
            ...(href === undefined
              ? []
              : [[t('object'), <a href={href}>{t('open_object')}</a>] as const]),
            [t('seq'), <span className="num">{count(seq, formats)}</span>],
            [t('request'), mono(reqId)],
            [t('hash'), mono(hash)],
          ]}
        />
      </section>
      <section>
        <h3>{t('body')}</h3>
        <pre className="mono whitespace-pre-wrap break-all">{pretty(body)}</pre>
      </section>
    </>
  );
}

function mono(text: string) {
  return <span className="mono break-all">{text}</span>;
}

/** The event's JSON on lines of its own; what is no JSON stays as it is. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
