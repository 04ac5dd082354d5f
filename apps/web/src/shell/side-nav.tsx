import { Fragment } from 'react';

import { Icon, useWords } from '@plinth/ui/core';

import english from '../../messages/en/shell.json';
import { isAt, nav } from './nav.ts';
import { useCan } from './session.tsx';

/** 208 px with words, icons below 1100 px, the phone's bar of five below 640. */
export function SideNav({ path }: { readonly path: string }) {
  const t = useWords(english);
  const can = useCan();
  return (
    <nav className="side" aria-label={t('main_nav')}>
      {nav.map(({ heading, items }) => {
        const shown = items.filter(({ permission }) => permission === undefined || can(permission));
        if (shown.length === 0) return null;
        return (
          <Fragment key={heading ?? ''}>
            {heading !== undefined && <h2>{t(heading)}</h2>}
            {shown.map((item) => (
              <a
                key={item.href}
                href={item.href}
                className={item.wide === true ? 'x' : undefined}
                aria-current={isAt(item, path) ? 'page' : undefined}
              >
                <Icon name={item.icon} />
                <span className="t">{t(item.word)}</span>
              </a>
            ))}
          </Fragment>
        );
      })}
    </nav>
  );
}
