import { id, instant, version } from '@plinth/contract';
import { z } from '@plinth/core/z';

export const noticeTypes = [
  'invoiceOverdue',
  'paymentReceived',
  'importFinished',
  'roleChanged',
  'userJoined',
] as const;
/** What a notice is about: its text is the UI's, in the reader's language. */
export const noticeType = z.enum(noticeTypes);
const objectType = z.enum(['invoice', 'payment', 'import', 'user']);

export const notice = z.object({
  id,
  version,
  type: noticeType,
  /** The page that it leads to: of the newest, where it stands for several. */
  objectType,
  objectId: z.string(),
  /** Values for the text: `{ number: 'INV-2026-000123', customer: 'Acme' }`. */
  values: z.record(z.string(), z.string()),
  /** For how many it stands: all invoices that became overdue on a day are one notice. */
  count: z.int(),
  read: z.boolean(),
  createdAt: instant,
});
