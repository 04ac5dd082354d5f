import { lazy, Suspense, useState } from 'react';

import { Button, ButtonLink, Menu, type MenuEntry, useToast, useWords } from '@plinth/ui/core';
import { useRouter } from '@plinth/ui/router';

import english from '../../../messages/en/invoice.json';
import { client } from '../../data/client.ts';
import { useCommand } from '../../data/queries.ts';
import { useDeleteDraft } from '../../parts/invoice-delete.ts';
import { keepInvoice } from '../../parts/invoice-queries.ts';
import type { InvoiceDetail } from '../../parts/invoice-state.ts';
import { useCan } from '../../shell/session.tsx';
import { useShortcut } from '../../shell/shortcuts.ts';
import { type ActionId, actionsOf } from './actions.ts';

const IssueDialog = lazy(async () => {
  const module = await import('../../parts/issue-dialog.tsx');
  return { default: module.IssueDialog };
});
const CreditDialog = lazy(async () => {
  const module = await import('./credit-dialog.tsx');
  return { default: module.CreditDialog };
});
const VoidDialog = lazy(async () => {
  const module = await import('./void-dialog.tsx');
  return { default: module.VoidDialog };
});

interface DocumentActionsProps {
  readonly invoice: InvoiceDetail;
}

/** Buttons for the two likeliest actions, a menu for the rest; each names what it does to what. */
export function DocumentActions({ invoice }: DocumentActionsProps) {
  const t = useWords(english);
  const can = useCan();
  const router = useRouter();
  const [dialog, setDialog] = useState<'issue' | 'credit' | 'void' | undefined>(undefined);
  const actions = actionsOf(invoice, can);
  const editHref = `/invoices/${invoice.id}/edit`;
  useShortcut('e', () => {
    if (actions.includes('edit')) router.navigate(editHref);
  });
  const [first, second] = actions.filter((id) => id !== 'duplicate' && id !== 'delete');
  const close = () => setDialog(undefined);
  return (
    <>
      {second !== undefined && (
        <ActionButton id={second} invoice={invoice} onOpen={setDialog} className="wide-only" />
      )}
      {first !== undefined && (
        <ActionButton
          id={first}
          invoice={invoice}
          onOpen={setDialog}
          primary={first === 'pay' || first === 'issue' || first === 'edit'}
        />
      )}
      <Menu
        label={t('more')}
        icon="more"
        iconOnly
        className="btn icon"
        items={useMenu(invoice, actions, setDialog)}
      />
      <Suspense fallback={null}>
        {dialog === 'issue' && <IssueDialog invoice={invoice} onClose={close} />}
        {dialog === 'credit' && <CreditDialog invoice={invoice} onClose={close} />}
        {dialog === 'void' && <VoidDialog invoice={invoice} onClose={close} />}
      </Suspense>
    </>
  );
}

type DialogId = 'issue' | 'credit' | 'void';

interface ActionButtonProps {
  readonly id: ActionId;
  readonly invoice: InvoiceDetail;
  readonly primary?: boolean;
  readonly className?: string;
  onOpen(dialog: DialogId): void;
}

function ActionButton({ id, invoice, primary = false, className, onOpen }: ActionButtonProps) {
  const t = useWords(english);
  const look = primary ? 'primary' : 'plain';
  if (id === 'pay') {
    const href = `/payments/new?customer=${invoice.customerId}&invoice=${invoice.id}`;
    return (
      <ButtonLink href={href} look={look} className={className}>
        {t('record_payment')}
      </ButtonLink>
    );
  }
  if (id === 'edit') {
    return (
      <ButtonLink
        href={`/invoices/${invoice.id}/edit`}
        look={look}
        icon="edit"
        shortcut="E"
        className={className}
      >
        {t('edit')}
      </ButtonLink>
    );
  }
  if (id !== 'issue' && id !== 'credit' && id !== 'void') return null;
  return (
    <Button look={look} className={className} onClick={() => onOpen(id)}>
      {t(id)}
    </Button>
  );
}

function useMenu(
  invoice: InvoiceDetail,
  actions: readonly ActionId[],
  onOpen: (dialog: DialogId) => void,
): readonly MenuEntry[] {
  const t = useWords(english);
  const router = useRouter();
  const toast = useToast();
  const duplicate = useCommand(
    (input: { id: string }, options) => client.invoicing.duplicateInvoice(input, options),
    {
      done(draft) {
        keepInvoice(draft);
        toast({ text: t('duplicated'), tone: 'ok' });
        router.navigate(`/invoices/${draft.id}/edit`);
      },
    },
  );
  const remove = useDeleteDraft();
  const has = (id: ActionId) => actions.includes(id);
  const dialogs = (['issue', 'credit', 'void'] as const).filter(has);
  return [
    ...(has('edit')
      ? [{ label: t('edit'), icon: 'edit', href: `/invoices/${invoice.id}/edit` } as const]
      : []),
    ...dialogs.map((id) => ({ label: t(id), onSelect: () => onOpen(id) })),
    ...(has('duplicate')
      ? [
          {
            label: t('duplicate'),
            icon: 'copy',
            onSelect: () => duplicate.run({ id: invoice.id }),
          } as const,
        ]
      : []),
    {
      label: t('copy_link'),
      icon: 'link',
      onSelect: () => {
        const { href } = new URL(`/invoices/${invoice.id}`, location.href);
        void navigator.clipboard.writeText(href).then(() => toast({ text: t('link_copied') }));
      },
    },
    { label: t('print'), icon: 'file', onSelect: () => print() },
    ...(has('delete')
      ? [
          null,
          {
            label: t('delete'),
            icon: 'trash',
            danger: true,
            onSelect: () => remove(invoice),
          } as const,
        ]
      : []),
  ];
}
