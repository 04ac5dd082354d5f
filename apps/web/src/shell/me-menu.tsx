import { useState } from 'react';

import { MenuList, useWords } from '@plinth/ui/core';

import english from '../../messages/en/shell.json';
import { client, session } from '../data/client.ts';
import { useCommand } from '../data/queries.ts';
import { type Density, keepLook, parseLook, type Theme } from './look.ts';
import { useMe } from './session.tsx';

const themes: readonly Theme[] = ['system', 'light', 'dark'];
const densities: readonly Density[] = ['comfortable', 'default', 'compact'];

/** Who is signed in, how the page looks to them, and the way out. */
export function MeMenu({ close }: { close(): void }) {
  const t = useWords(english);
  const { user } = useMe();
  const [look, setLook] = useState(() => parseLook(document.cookie));
  const change = (next: typeof look) => {
    keepLook(next);
    setLook(next);
  };
  const leave = useCommand((_: undefined, options) => client.identity.signOut({}, options), {
    done: () => session.end(),
  });
  return (
    <MenuList
      label={t('profile', { name: user.name })}
      close={close}
      items={[
        { heading: `${user.name} · ${user.email}` },
        { label: t('my_profile'), icon: 'person', href: '/me' },
        null,
        { heading: t('theme') },
        ...themes.map((theme) => ({
          label: t(`theme_${theme}`),
          checked: look.theme === theme,
          onSelect: () => change({ ...look, theme }),
        })),
        null,
        { heading: t('density') },
        ...densities.map((density) => ({
          label: t(`density_${density}`),
          checked: look.density === density,
          onSelect: () => change({ ...look, density }),
        })),
        null,
        { label: t('sign_out'), icon: 'out', onSelect: () => leave.run(undefined) },
      ]}
    />
  );
}
