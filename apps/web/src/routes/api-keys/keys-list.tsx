import { useState } from 'react';

import { Button, Chip, Confirm, Icon, useLocale, useToast, useWords } from '@plinth/ui/core';
import { day, dayAt, type Formats, instant } from '@plinth/ui/format';

import english from '../../../messages/en/api-keys.json';
import { client } from '../../data/client.ts';
import { invalidate, useCommand } from '../../data/queries.ts';
import type { ApiKey } from './queries.ts';
import { isRight, rights, wordOf } from './rights.ts';

/** Those that hold come first; what has ended stays to be seen. */
export function KeysList({ keys }: { readonly keys: readonly ApiKey[] }) {
  const [leaving, setLeaving] = useState<ApiKey | undefined>(undefined);
  const { today } = useLocale();
  const held = (key: ApiKey) => (stateOf(key, today) === 'holds' ? 0 : 1);
  const sorted = keys.toSorted((one, other) => held(one) - held(other));
  return (
    <>
      <ul className="list">
        {sorted.map((key) => (
          <KeyLine key={key.id} value={key} onRevoke={() => setLeaving(key)} />
        ))}
      </ul>
      {leaving !== undefined && (
        <RevokeDialog value={leaving} onClose={() => setLeaving(undefined)} />
      )}
    </>
  );
}

interface LineProps {
  readonly value: ApiKey;
  onRevoke(): void;
}

function KeyLine({ value, onRevoke }: LineProps) {
  const t = useWords(english);
  const { formats, today } = useLocale();
  const state = stateOf(value, today);
  const used =
    value.lastUsedAt === null
      ? t('never_used')
      : t('used', { time: instant(Date.parse(value.lastUsedAt), formats) });
  const made = t('made', { day: dayOf(value.createdAt, formats) });
  const ends = t('ends_after', { day: dayOf(value.expiresAt, formats) });
  return (
    <li>
      <Icon name="lock" />
      <div className="t">
        <span className="strong">{value.name}</span> <span className="mono muted">{value.id}</span>
        <small>{useRightsText(value.permissions)}</small>
        <small className="num">{[made, used, ends].join(' · ')}</small>
      </div>
      {state === 'holds' ? (
        <Button onClick={onRevoke}>
          {t('revoke')}
          <span className="sr"> {value.name}</span>
        </Button>
      ) : (
        <Chip>{t(state)}</Chip>
      )}
    </li>
  );
}

function useRightsText(permissions: readonly string[]): string {
  const t = useWords(english);
  const known = permissions.filter(isRight);
  if (known.length === rights.length) return t('all_rights');
  return known.map((right) => t(wordOf(right))).join(', ');
}

function dayOf(at: string, formats: Formats): string {
  return day(dayAt(Date.parse(at), formats.userZone), formats);
}

function stateOf({ revokedAt, expiresAt }: ApiKey, today: string): 'holds' | 'revoked' | 'ended' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt.slice(0, today.length) < today ? 'ended' : 'holds';
}

interface RevokeProps {
  readonly value: ApiKey;
  onClose(): void;
}

function RevokeDialog({ value: { id, name }, onClose }: RevokeProps) {
  const t = useWords(english);
  const toast = useToast();
  const revoke = useCommand(
    (_: undefined, options) => client.identity.revokeApiKey({ id }, options),
    {
      done() {
        toast({ text: t('revoke_done', { name }) });
        void invalidate('identity', 'listApiKeys');
        onClose();
      },
    },
  );
  return (
    <Confirm
      title={t('revoke_title', { name })}
      action={t('revoke')}
      danger
      busy={revoke.busy}
      onConfirm={() => revoke.run(undefined)}
      onClose={onClose}
    >
      <p>{t('revoke_text')}</p>
    </Confirm>
  );
}
