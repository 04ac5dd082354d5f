import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';

import { parseLook } from './look.ts';

test('parseLook reads the cookie, and the defaults where it says nothing known', () => {
  deepEqual(parseLook('sid=1; ui=dark.compact'), { theme: 'dark', density: 'compact' });
  deepEqual(parseLook('ui=pink.tiny'), { theme: 'system', density: 'default' });
  deepEqual(parseLook('gui=dark.compact'), { theme: 'system', density: 'default' });
  deepEqual(parseLook(''), { theme: 'system', density: 'default' });
});
