import { useState } from 'react';

import { Panel, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/me.json';
import { type Density, keepLook, type Look, parseLook, type Theme } from '../../shell/look.ts';

const themes: readonly Theme[] = ['system', 'light', 'dark'];
const densities: readonly Density[] = ['comfortable', 'default', 'compact'];

/** Theme and row height of this browser; each is kept at once. */
export function LookPanel() {
  const t = useWords(english);
  const [look, setLook] = useState(() => parseLook(document.cookie));
  const change = (next: Look) => {
    keepLook(next);
    setLook(next);
  };
  return (
    <Panel title={t('look')}>
      <div className="grid gap-4 grid-cols-2">
        <fieldset className="field">
          <legend className="label">{t('theme')}</legend>
          {themes.map((theme) => (
            <label key={theme} className="check">
              <input
                className="box"
                type="radio"
                name="theme"
                checked={look.theme === theme}
                onChange={() => change({ ...look, theme })}
              />
              {t(`theme_${theme}`)}
            </label>
          ))}
        </fieldset>
        <fieldset className="field">
          <legend className="label">{t('density')}</legend>
          {densities.map((density) => (
            <label key={density} className="check">
              <input
                className="box"
                type="radio"
                name="density"
                checked={look.density === density}
                onChange={() => change({ ...look, density })}
              />
              {t(`density_${density}`)}
            </label>
          ))}
        </fieldset>
      </div>
    </Panel>
  );
}
