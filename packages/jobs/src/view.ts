import type { Out } from '@plinth/postgres';

import type { JobView } from './jobs.ts';
import type { viewRow } from './view-table.ts';

export function toView({ epoch: _epoch, tenant: _tenant, ...view }: Out<typeof viewRow>): JobView {
  return view;
}
