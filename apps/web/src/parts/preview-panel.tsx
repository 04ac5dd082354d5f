import { type ReactNode, useEffect, useState } from 'react';

import { ButtonLink, IconButton, useWords } from '@plinth/ui/core';
import type { Row, RowSource } from '@plinth/ui/grid';

import english from '../../messages/en/list.json';

export interface PreviewProps<row extends Row> {
  readonly source: RowSource<row>;
  readonly id: string;
  onId(id: string | undefined): void;
  rowName(row: row): string;
  readonly href: ((id: string) => string) | undefined;
  preview(row: row): { readonly body: ReactNode; readonly footer?: ReactNode };
}

/** One row beside the list; arrows walk on. */
export function PreviewPanel<row extends Row>(props: PreviewProps<row>) {
  const { source, id, onId, rowName, href, preview } = props;
  const t = useWords(english);
  const [, redraw] = useState(0);
  useEffect(() => source.subscribe(() => redraw((n) => n + 1)), [source]);
  const rank = source.rankOf(id);
  const row = rank === undefined ? undefined : source.rowAt(rank);
  if (rank === undefined || row === undefined) return null;
  const { body, footer } = preview(row);
  const step = (by: number) => {
    const next = source.rowAt(rank + by);
    if (next !== undefined) onId(next.id);
  };
  return (
    <aside className="preview" aria-label={t('preview_of', { name: rowName(row) })}>
      <header>
        <h2 className="num clip">{rowName(row)}</h2>
        <IconButton icon="up" label={t('preview_previous')} onClick={() => step(-1)} />
        <IconButton icon="down" label={t('preview_next')} onClick={() => step(1)} />
        {href !== undefined && (
          <ButtonLink look="quiet" icon="open" label={t('preview_open')} href={href(id)} />
        )}
        <IconButton icon="close" label={t('preview_close')} onClick={() => onId(undefined)} />
      </header>
      <div className="in" tabIndex={0} role="region" aria-label={rowName(row)}>
        {body}
      </div>
      {footer !== undefined && <footer>{footer}</footer>}
    </aside>
  );
}
