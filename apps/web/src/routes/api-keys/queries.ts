import type { z } from '@plinth/core/z';
import type { identity } from '@plinth/identity';

import { queryOf } from '../../data/queries.ts';

export type ApiKey = z.output<typeof identity.operations.listApiKeys.output>['items'][number];

export const keysQuery = queryOf('identity', 'listApiKeys', {});
