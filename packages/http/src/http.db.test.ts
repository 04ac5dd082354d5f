import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startNotes } from './notes-app.test.ts';

test('a query answers JSON with the tenant preset and the security headers', async (t) => {
  const app = await startNotes(t);

  const response = await app.fetch('/v1/notes?limit=5&tag=a&tag=b&open=true');

  assert.deepEqual(await response.json(), { limit: 5, tag: ['a', 'b'], open: true });
  assert.equal(response.status, 200);
  const { headers } = response;
  assert.equal(headers.get('cache-control'), 'private, no-cache');
  assert.equal(headers.get('vary'), 'Cookie, Authorization');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('x-frame-options'), 'DENY');
});
