export type Theme = 'light' | 'dark' | 'system';
export type Density = 'comfortable' | 'default' | 'compact';

/** How the page looks to this person: kept in the cookie `ui`, so that the server can write it into the HTML. */
export interface Look {
  readonly theme: Theme;
  readonly density: Density;
}

const themes: readonly Theme[] = ['light', 'dark', 'system'];
const densities: readonly Density[] = ['comfortable', 'default', 'compact'];
const keptS = 31_536_000;

/** Reads `ui=dark.compact`; what is unknown reads as the default. */
export function parseLook(cookies: string): Look {
  const [theme, density] = (/(?:^|; )ui=([\w.]+)/u.exec(cookies)?.[1] ?? '').split('.');
  return {
    theme: themes.find((known) => known === theme) ?? 'system',
    density: densities.find((known) => known === density) ?? 'default',
  };
}

export function applyLook({ theme, density }: Look): void {
  const { dataset } = document.documentElement;
  dataset['theme'] = theme;
  dataset['density'] = density;
}

export function keepLook(look: Look): void {
  applyLook(look);
  document.cookie = `ui=${look.theme}.${look.density}; path=/; max-age=${keptS}; samesite=lax`;
  // Heights of rows are other ones now: what measures them listens.
  dispatchEvent(new Event('resize'));
}

/** From what is seen to the other, whoever chose it. */
export function switchTheme(): void {
  const look = parseLook(document.cookie);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const seen = look.theme === 'system' ? (dark ? 'dark' : 'light') : look.theme;
  keepLook({ ...look, theme: seen === 'dark' ? 'light' : 'dark' });
}
