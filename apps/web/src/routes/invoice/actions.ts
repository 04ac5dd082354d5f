import type { InvoiceDetail } from '../../parts/invoice-state.ts';

export type ActionId = 'pay' | 'edit' | 'issue' | 'credit' | 'void' | 'duplicate' | 'delete';

/**
 * What can be done with a document in its state by who may: web.md, «actions by state». The first is the one that
 * most people came for.
 */
export function actionsOf(
  { kind, status, openMinor, paidMinor, creditedMinor }: InvoiceDetail,
  can: (permission: string) => boolean,
): readonly ActionId[] {
  const wanted = stateActions({ kind, status, openMinor, paidMinor, creditedMinor });
  return wanted.filter((id) => can(permissions[id]));
}

const permissions: Readonly<Record<ActionId, string>> = {
  pay: 'payments.write',
  edit: 'invoicing.write',
  issue: 'invoicing.issue',
  credit: 'invoicing.issue',
  void: 'invoicing.issue',
  duplicate: 'invoicing.write',
  delete: 'invoicing.write',
};

type Stated = Pick<InvoiceDetail, 'kind' | 'status' | 'openMinor' | 'paidMinor' | 'creditedMinor'>;

function stateActions(document: Stated): readonly ActionId[] {
  const { kind, status, openMinor, paidMinor, creditedMinor } = document;
  if (status === 'draft') return ['issue', 'edit', 'duplicate', 'delete'];
  if (kind === 'credit-note' || status === 'voided') return ['duplicate'];
  const untouched = paidMinor === 0 && creditedMinor === 0;
  return [
    ...(openMinor > 0 ? (['pay'] as const) : []),
    'credit',
    ...(untouched && openMinor > 0 ? (['void'] as const) : []),
    'duplicate',
  ];
}
