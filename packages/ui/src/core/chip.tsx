import type { ComponentChildren } from './children.ts';
import { Glyph, type GlyphName } from './icon.tsx';

export type Tone = 'neutral' | 'info' | 'ok' | 'warn' | 'danger';

interface ChipProps {
  readonly children: ComponentChildren;
  readonly tone?: Tone | undefined;
  /** A state is a glyph and a word, never colour alone. */
  readonly glyph?: GlyphName | undefined;
}

export function Chip({ children, tone = 'neutral', glyph }: ChipProps) {
  return (
    <span className={`chip ${tone}`}>
      {glyph !== undefined && <Glyph name={glyph} />}
      {children}
    </span>
  );
}

interface AvatarProps {
  readonly name: string;
}

/** Initials on one of three soft planes, always the same for a name. */
export function Avatar({ name }: AvatarProps) {
  const words = name.split(/\s+/u).filter((word) => word !== '');
  const initials = [words.at(0), words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.charAt(0).toUpperCase() ?? '')
    .join('');
  const plane = ['a', 'b', 'c'][name.length % 3] ?? 'a';
  // By CSS: the letters are decoration, and speech has the name.
  return <span className={`avatar ${plane}`} data-initials={initials} />;
}

interface LiveDotProps {
  readonly state: 'live' | 'waiting' | 'off';
  readonly children: ComponentChildren;
}

export function LiveDot({ state, children }: LiveDotProps) {
  return (
    <span className={`live ${state}`}>
      <i />
      {children}
    </span>
  );
}
