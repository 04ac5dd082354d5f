import { Head, Panel, Steps, useWords } from '@plinth/ui/core';
import { FileDrop } from '@plinth/ui/forms';
import { useRouter, useTitle } from '@plinth/ui/router';

import english from '../../../messages/en/transfers.json';
import { client } from '../../data/client.ts';
import { useCommand } from '../../data/queries.ts';
import { Forbidden } from '../../parts/forbidden.tsx';
import { useCan } from '../../shell/session.tsx';

type Kind = 'invoices' | 'customers';

interface UploadProps {
  readonly kind: Kind;
  readonly steps: readonly string[];
}

const megabyte = 1_048_576;
const megabytesMax = { invoices: 200, customers: 100 } as const;

/** The first step: a file, by dropping, pasting or choosing. */
export function Upload({ kind, steps }: UploadProps) {
  const t = useWords(english);
  const can = useCan();
  const router = useRouter();
  useTitle(t(`import_${kind}`));
  const upload = useCommand(
    async (file: File, options): Promise<{ readonly id: string }> => {
      // Some systems name CSV after a spreadsheet program.
      const body = { file: new Blob([file], { type: 'text/csv' }), fileName: file.name };
      return kind === 'invoices'
        ? client.invoicing.uploadImport(body, options)
        : client.customers.uploadCustomers(body, options);
    },
    { done: ({ id }) => router.navigate(`/transfers/${kind}/${id}`) },
  );
  if (!can('imports.write')) return <Forbidden permission="imports.write" />;
  return (
    <div className="page">
      <Head title={t(`import_${kind}`)} crumbs={[{ label: t('title'), href: '/transfers' }]} />
      <Steps steps={steps} at={0} />
      <Panel title={t('file')} note={t(`what_${kind}`)}>
        <FileDrop
          accept=".csv,.txt,text/csv,text/plain"
          bytesMax={megabytesMax[kind] * megabyte}
          hint={t('drop_hint', { n: megabytesMax[kind] })}
          busy={upload.busy}
          onFile={(file) => upload.run(file)}
        />
      </Panel>
    </div>
  );
}
