import { spriteUrl } from './sprite.ts';

/** Names of the sprite's symbols: `sprite.svg` draws each on 16 × 16. */
export type IconName =
  | 'alert'
  | 'arrow-down'
  | 'arrow-up'
  | 'bank'
  | 'bell'
  | 'calendar'
  | 'chart'
  | 'check'
  | 'clock'
  | 'close'
  | 'columns'
  | 'copy'
  | 'down'
  | 'edit'
  | 'export'
  | 'eye'
  | 'file'
  | 'filter'
  | 'gauge'
  | 'gear'
  | 'home'
  | 'import'
  | 'invoice'
  | 'layers'
  | 'link'
  | 'list'
  | 'lock'
  | 'mail'
  | 'more'
  | 'note'
  | 'open'
  | 'out'
  | 'pause'
  | 'payment'
  | 'people'
  | 'person'
  | 'plus'
  | 'repeat'
  | 'right'
  | 'search'
  | 'send'
  | 'shield'
  | 'spinner'
  | 'star'
  | 'table'
  | 'theme'
  | 'transfer'
  | 'trash'
  | 'undo'
  | 'up';

/** What a state looks like on 12 × 12: ui-kit.md §2, «Status chip». */
export type GlyphName =
  | 'draft'
  | 'issued'
  | 'partly'
  | 'settled'
  | 'voided'
  | 'overdue'
  | 'failed'
  | 'running';

interface IconProps {
  readonly name: IconName;
  readonly tone?: 'ok' | 'warn' | 'danger' | undefined;
}

/** Decoration: the words beside it say what it means. */
export function Icon({ name, tone }: IconProps) {
  return (
    <svg className={tone === undefined ? 'i' : `i ${tone}`} aria-hidden="true">
      <use href={`${spriteUrl}#${name}`} />
    </svg>
  );
}

export function Glyph({ name }: { readonly name: GlyphName }) {
  return (
    <svg className="g" aria-hidden="true">
      <use href={`${spriteUrl}#g-${name}`} />
    </svg>
  );
}
