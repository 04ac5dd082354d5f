import { ButtonLink, type ComponentChildren, Icon, useLocale, useWords } from '@plinth/ui/core';
import { numberFormat } from '@plinth/ui/format';

import english from '../../../messages/en/transfers.json';

interface FilePanelProps {
  readonly fileName: string;
  /** Undefined where the server does not say it. */
  readonly bytes?: number;
  readonly columns: number;
  /** Where another file is chosen; absent while this one runs. */
  readonly replaceHref?: string | undefined;
  readonly children: ComponentChildren;
}

const megabyte = 1_048_576;

/** The file and what became of it so far. */
export function FilePanel({ fileName, bytes, columns, replaceHref, children }: FilePanelProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const size = numberFormat(formats.locale, { maximumSignificantDigits: 2 });
  return (
    <section className="panel" aria-label={fileName}>
      <header>
        <Icon name="file" />
        <h2 className="clip">{fileName}</h2>
        {bytes !== undefined && (
          <span className="muted num wide-only">
            {t('file_facts', { size: size.format(bytes / megabyte), n: columns })}
          </span>
        )}
        {replaceHref !== undefined && (
          <ButtonLink href={replaceHref} look="quiet" className="more">
            {t('replace')}
          </ButtonLink>
        )}
      </header>
      <div className="body">{children}</div>
    </section>
  );
}
