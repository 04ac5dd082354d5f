import assert from 'node:assert/strict';
import { test } from 'node:test';

import { deviceOf } from './device.ts';

test('a user agent is the browser and the system that a person knows', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36';
  const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1';

  assert.equal(deviceOf(chrome), 'Chrome, Linux');
  assert.equal(deviceOf(`${chrome} Edg/156.0`), 'Edge, Linux');
  assert.equal(deviceOf(phone), 'Safari, iOS');
});

test('what is no browser has no name', () => {
  assert.equal(deviceOf('curl/8.0'), undefined);
  assert.equal(deviceOf(null), undefined);
});
