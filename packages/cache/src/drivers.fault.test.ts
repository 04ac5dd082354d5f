import { after, type TestContext } from 'node:test';

import {
  testCacheRaces,
  testRandomRaces,
  testSharedRaces,
  type ConnectNode,
} from './cache-conformance.ts';
import { openNode, startPlace, type Driver } from './drivers-fixture.ts';
import type { RedisPlace } from './redis/index.ts';

const ends: (() => Promise<void>)[] = [];
after(async () => {
  await Promise.all(ends.map((end) => end()));
});

// oxlint-disable-next-line node/no-process-env -- tests have no configuration of their own
const isLong = process.env['PLINTH_TEST_LONG'] === '1';
let spaces = 0;
const names = new WeakMap<TestContext, string>();

/** Each test has a namespace of its own. */
function nsOf(t: TestContext): string {
  const known = names.get(t) ?? `t${(spaces += 1)}`;
  names.set(t, known);
  return known;
}

for (const driver of ['redis', 'sentinel', 'cluster'] satisfies Driver[]) {
  let place: Promise<RedisPlace> | undefined;
  const placeOf = () => (place ??= startPlace({ after: (end) => ends.push(end) }, driver));

  // Those of one node differ by the store alone: the long run has them on each driver.
  if (driver === 'redis' || isLong)
    testCacheRaces(
      driver,
      async (t, options) => (await openNode(t, await placeOf(), nsOf(t), options)).cache,
      { isShared: true },
    );
  const connect: ConnectNode = async (t, options) => openNode(t, await placeOf(), nsOf(t), options);
  testSharedRaces(driver, connect);
  testRandomRaces(driver, connect);
}
