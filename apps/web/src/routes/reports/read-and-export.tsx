import { ButtonLink, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/reports.json';

interface ReadAndExportProps {
  /** When the figures were read; empty until they are there. */
  readonly read: string;
  /** The file of the same figures. */
  readonly href: string;
}

/** What stands at the right of a report's title. */
export function ReadAndExport({ read, href }: ReadAndExportProps) {
  const t = useWords(english);
  return (
    <>
      <span className="muted num wide-only">{read}</span>
      <ButtonLink look="quiet" icon="export" label={t('export')} href={href} download="" />
    </>
  );
}
