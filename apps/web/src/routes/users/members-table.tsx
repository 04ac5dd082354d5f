import { useState } from 'react';

import {
  Avatar,
  Chip,
  Confirm,
  Icon,
  IconButton,
  useLocale,
  useToast,
  useWords,
} from '@plinth/ui/core';
import { instant } from '@plinth/ui/format';

import english from '../../../messages/en/users.json';
import { client } from '../../data/client.ts';
import { invalidate, useCommand } from '../../data/queries.ts';
import { useMe } from '../../shell/session.tsx';
import { type Member, type Role, roles } from './queries.ts';

/** Roles are changed in their row; the server keeps at least one owner. */
export function MembersTable({ members }: { readonly members: readonly Member[] }) {
  const t = useWords(english);
  const [leaving, setLeaving] = useState<Member | undefined>(undefined);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t('title')}>
      <table className="tbl map">
        <thead>
          <tr>
            <th scope="col">{t('name')}</th>
            <th scope="col" className="wide-only">
              {t('email')}
            </th>
            <th scope="col">{t('role')}</th>
            <th scope="col" className="wide-only">
              {t('joined')}
            </th>
            <th>
              <span className="sr">{t('remove')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <MemberRow key={member.id} member={member} onRemove={() => setLeaving(member)} />
          ))}
        </tbody>
      </table>
      {leaving !== undefined && (
        <RemoveDialog member={leaving} onClose={() => setLeaving(undefined)} />
      )}
    </div>
  );
}

interface MemberRowProps {
  readonly member: Member;
  onRemove(): void;
}

function MemberRow({ member, onRemove }: MemberRowProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { user } = useMe();
  const { id, name, email, role, joinedAt } = member;
  const isMe = id === user.id;
  return (
    <tr>
      <td>
        <span className="flex items-center gap-2">
          <Avatar name={name} />
          <bdi className="strong">{name}</bdi>
          {isMe && <Chip>{t('you')}</Chip>}
        </span>
      </td>
      <td className="muted wide-only">{email}</td>
      <td className="cell">
        <RoleSelect member={member} />
        <small className="muted wide-only"> {t(`may_${role}`)}</small>
      </td>
      <td className="num muted wide-only">{instant(Date.parse(joinedAt), formats)}</td>
      <td className="end">
        {!isMe && (
          <IconButton icon="trash" label={t('remove_title', { name })} onClick={onRemove} />
        )}
      </td>
    </tr>
  );
}

function RoleSelect({ member: { id, version, name, role } }: { readonly member: Member }) {
  const t = useWords(english);
  const toast = useToast();
  const change = useCommand(
    (to: Role, options) => client.identity.changeRole({ id, version, role: to }, options),
    {
      done(_, to) {
        toast({ text: t('role_changed', { name, role: t(`role_${to}`) }), tone: 'ok' });
        void invalidate('identity');
      },
      failed(problem) {
        toast({ text: problem.message, tone: 'danger' });
        void invalidate('identity', 'listUsers');
      },
    },
  );
  return (
    <span className="selwrap">
      <select
        className="input select"
        aria-label={t('role_of', { name })}
        value={role}
        disabled={change.busy}
        onChange={({ currentTarget: { value } }) => {
          const to = roles.find((one) => one === value);
          if (to !== undefined) change.run(to);
        }}
      >
        {roles.map((one) => (
          <option key={one} value={one}>
            {t(`role_${one}`)}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </span>
  );
}

interface RemoveDialogProps {
  readonly member: Member;
  onClose(): void;
}

function RemoveDialog({ member: { id, name, email }, onClose }: RemoveDialogProps) {
  const t = useWords(english);
  const toast = useToast();
  const { tenant } = useMe();
  const remove = useCommand(
    (_: undefined, options) => client.identity.removeUser({ id }, options),
    {
      done() {
        toast({ text: t('removed', { name }) });
        void invalidate('identity');
        onClose();
      },
    },
  );
  return (
    <Confirm
      title={t('remove_title', { name })}
      action={t('remove')}
      danger
      busy={remove.busy}
      onConfirm={() => remove.run(undefined)}
      onClose={onClose}
    >
      <p>{t('remove_text', { name, email, tenant: tenant.name })}</p>
    </Confirm>
  );
}
