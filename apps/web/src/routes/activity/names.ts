interface Named {
  readonly action: string;
  readonly objectId: string;
}

/** The page of what an entry is about; undefined for what has none. */
export function objectHref({ action, objectId }: Named): string | undefined {
  const [module = '', name = ''] = action.split('.');
  if (objectId === '') return undefined;
  if (name.startsWith('import-'))
    return `/transfers/${module === 'customers' ? module : 'invoices'}/${objectId}`;
  if (module === 'customers') return `/customers/${objectId}`;
  if (module === 'invoicing') return `/invoices/${objectId}`;
  // An allocation stands at the invoice that it pays.
  if (module === 'payments') {
    return name.includes('allocated') ? `/invoices/${objectId}` : `/payments/${objectId}`;
  }
  return undefined;
}

/** `invoicing.credit-note-issued` → `Credit note issued` */
export function actionName(action: string): string {
  const words = action.slice(action.indexOf('.') + 1).replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
