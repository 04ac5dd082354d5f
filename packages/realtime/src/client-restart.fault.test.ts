import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';

import { systemClock } from '@plinth/core';
import { browser, eventually, startProcess, startRedis } from '@plinth/testing';

import { balance } from './balancer-fixture.ts';
import { backplaneOn } from './redis/backplane-fixture.ts';
import { startServer } from './server-fixture.ts';

// oxlint-disable-next-line node/no-process-env -- tests have no configuration of their own
const isLong = process.env['PLINTH_TEST_LONG'] === '1';
const sleepMs = isLong ? 60_000 : 1_000;
const withinMs = 60_000;
const acme = { tenant: 'acme' };
const transports = ['sse', 'ws'] as const;
type Heard = Readonly<Record<(typeof transports)[number], (number | 'reset')[]>>;

async function startNode(t: TestContext, redisPort: number) {
  const file = fileURLToPath(new URL('./node-fixture.ts', import.meta.url));
  const node = await startProcess(t, [process.execPath, file, String(redisPort)], {
    ready: /listening at/u,
    withinMs,
  });
  const [, url = ''] = await node.waitFor(/listening at (\S+)/u);
  return { node, url };
}

/** Says a number about 50 times a second, in order, until it is stopped. */
async function startSpeaker(t: TestContext, redisPort: number) {
  const backplane = backplaneOn(redisPort);
  const { notes, stop } = await startServer({ backplane });
  const ending = new AbortController();
  let last = 0;
  const say = async () => notes.publish(acme, { n: (last += 1) });
  const speak = async () => {
    while (!ending.signal.aborted) {
      await say();
      await systemClock.sleep(20, ending.signal).catch(() => undefined);
    }
  };
  await eventually(() => backplane.isUp, { withinMs });
  const speaking = speak();
  const end = async () => {
    ending.abort();
    await speaking;
    // After a pause that lost it all, this one is heard live.
    await say();
    return last;
  };
  t.after(async () => {
    ending.abort();
    stop();
    await backplane.stop();
  });
  return { now: () => last, end };
}

/** Places where a number is missing that no `reset` told of. */
function gaps(heard: readonly (number | 'reset')[]): string[] {
  const found: string[] = [];
  for (const [at, one] of heard.entries()) {
    const before = heard[at - 1];
    if (typeof one !== 'number' || typeof before !== 'number') continue;
    if (one !== before + 1) found.push(`${before} → ${one}`);
  }
  return found;
}

test('a browser over both transports misses nothing, through cuts, killed processes, silence and sleep', async (t) => {
  const redis = await startRedis(t);
  const [first, second] = await Promise.all([startNode(t, redis.port), startNode(t, redis.port)]);
  const balancer = await balance(t, [first.url, second.url]);
  const page = await browser(t, { allow: [/\/rt/u, /ERR_/u] });
  await page.goto(new URL(balancer.url).origin);
  const speaker = await startSpeaker(t, redis.port);
  const heard = () => page.evaluate<Heard>('heard');
  /** Both hear what is said from now on. */
  const goOn = async () => {
    const now = speaker.now();
    await eventually(
      async () => {
        // Otherwise the waits, which double, are most of the test.
        if (!isLong) await page.evaluate("dispatchEvent(new Event('online'))");
        const all = await heard();
        for (const one of transports) {
          assert(
            all[one].some((n) => typeof n === 'number' && n > now),
            one,
          );
        }
      },
      { withinMs },
    );
  };

  await goOn();
  for (let cut = 0; cut < 3; cut += 1) {
    balancer.cut();
    await goOn();
  }
  balancer.point([second.url]);
  first.node.kill();
  await goOn();
  const third = await startNode(t, redis.port);
  balancer.point([third.url]);
  second.node.kill();
  await goOn();
  balancer.hold();
  await goOn();
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await systemClock.sleep(sleepMs, t.signal);
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await goOn();
  const last = await speaker.end();
  await eventually(
    async () => {
      const all = await heard();
      for (const one of transports) {
        const end = all[one].at(-1);
        assert(end === last || end === 'reset', `${one}: ${end}`);
      }
    },
    { withinMs },
  );

  const all = await heard();
  for (const one of transports) {
    assert.deepEqual(gaps(all[one]), [], one);
    const resets = all[one].filter((n) => n === 'reset').length;
    t.diagnostic(`${one}: ${all[one].length - resets} of ${last} heard, ${resets} resets`);
  }
});
