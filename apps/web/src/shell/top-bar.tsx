import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';

import {
  Avatar,
  Icon,
  IconButton,
  LiveDot,
  Menu,
  useWords,
  Popover,
  Skeleton,
} from '@plinth/ui/core';

import english from '../../messages/en/shell.json';
import { client, session } from '../data/client.ts';
import { queryOf, useCommand } from '../data/queries.ts';
import { switchTheme } from './look.ts';
import { Mark } from './mark.tsx';
import type { LinkState } from './use-live-link.ts';
import { useMe } from './session.tsx';

interface TopBarProps {
  readonly link: LinkState;
  onSearch(): void;
}

export function TopBar({ link, onSearch }: TopBarProps) {
  const t = useWords(english);
  return (
    <header className="top">
      <div className="brand">
        <a href="/" aria-label={t('home')}>
          <Mark />
        </a>
        <TenantMenu />
      </div>
      <button type="button" className="find" onClick={onSearch} aria-keyshortcuts="Control+K">
        <Icon name="search" />
        <span>{t('search')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <span className="grow" />
      <Live link={link} />
      <IconButton icon="theme" label={t('switch_theme')} onClick={switchTheme} />
      <Notices />
      <Me />
    </header>
  );
}

function Live({ link }: { readonly link: LinkState }) {
  const t = useWords(english);
  const [state, word] =
    link === 'open'
      ? (['live', t('live')] as const)
      : link === 'closed'
        ? (['off', t('live_off')] as const)
        : (['waiting', t('live_waiting')] as const);
  return (
    <span className="wide-only" role="status">
      <LiveDot state={state}>{word}</LiveDot>
    </span>
  );
}

function TenantMenu() {
  const t = useWords(english);
  const { tenant, tenants } = useMe();
  const change = useCommand(
    (input: { tenant: string }, options) => client.identity.switchTenant(input, options),
    { done: ({ me }) => session.begin(me) },
  );
  return (
    <Menu
      label={t('tenant', { name: tenant.name })}
      className="tenant"
      face={
        <>
          <span className="clip">{tenant.name}</span>
          <Icon name="down" />
        </>
      }
      items={[
        { heading: t('tenants') },
        ...tenants.map(({ id, name }) => ({
          label: name,
          checked: id === tenant.id,
          onSelect: () => {
            if (id !== tenant.id) change.run({ tenant: id });
          },
        })),
      ]}
    />
  );
}

function Notices() {
  const t = useWords(english);
  const unread = useQuery(queryOf('notifications', 'countUnread', {}));
  const n = unread.data?.n ?? 0;
  const label = n === 0 ? t('notices') : t('notices_unread', { n });
  return (
    <a href="/notices" className="btn quiet icon wide-only" aria-label={label} title={label}>
      <Icon name="bell" />
      {n > 0 && <span className="dot" />}
    </a>
  );
}

const MeMenu = lazy(async () => {
  const module = await import('./me-menu.tsx');
  return { default: module.MeMenu };
});

function Me() {
  const t = useWords(english);
  const { user } = useMe();
  return (
    <Popover
      label={t('profile', { name: user.name })}
      iconOnly
      className="btn quiet icon"
      haspopup="menu"
      face={<Avatar name={user.name} />}
    >
      {(close) => (
        <Suspense fallback={<Skeleton />}>
          <MeMenu close={close} />
        </Suspense>
      )}
    </Popover>
  );
}
