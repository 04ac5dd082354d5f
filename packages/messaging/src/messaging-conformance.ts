import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { Problem } from '@plinth/core';
import { eventually } from '@plinth/testing';

import { randomOf } from './random-fixture.ts';
import { checkLedger, settleMs, start, type More, type Subject } from './scene-fixture.ts';
import { recordSales, type soldInBulk } from './shop-fixture.ts';
import type { ExternalSubscription } from './subscription.ts';

const operator = { kind: 'operator', id: 'ada' } as const;

/**
 * What every transport promises, for a test file of its driver.
 *
 * @param make what the suite runs on; called once a test.
 */
export function transportConformance(name: string, make: () => Promise<Subject>): void {
  testOrder(name, make);
  testFailures(name, make);
  testPauses(name, make);
  testEnds(name, make);
  testRandom(name, make);
}

type Make = () => Promise<Subject>;

function testOrder(name: string, make: Make): void {
  test(`${name}: every event takes effect once, in order for its key`, async (t) => {
    const batches: number[] = [];
    const scene = await start(t, await make(), {
      more: {
        async handleBatch(sales, { tx }) {
          batches.push(sales.length);
          await recordSales(tx, scene.name, sales);
        },
      },
    });

    for (let n = 0; n < 30; n += 1) {
      await scene.sell(...Array.from({ length: 20 }, (_, m) => `k${(n + m) % 25}`));
    }
    await scene.settled();

    await checkLedger(scene, 600);
    assert(batches.length > 0, 'some came together');
  });
}

function testFailures(name: string, make: Make): void {
  test(`${name}: an event that fails is tried again, and only its key waits behind it`, async (t) => {
    const attempts: number[] = [];
    const scene = await start(t, await make(), {
      poison({ body, attempt }) {
        if (body.key !== 'a' || body.value !== 1) return;
        attempts.push(attempt);
        if (attempt < 3) throw new RangeError('not yet');
      },
      more: { retry: { delaysMs: [300, 300, 300] } },
    });

    await scene.sell('a', 'a', 'b');
    await scene.sell('a', 'b');
    await eventually(async () => assert((await scene.effects()).includes('b2')), {
      withinMs: settleMs,
    });
    await scene.settled();

    assert.deepEqual(attempts, [1, 2, 3]);
    await checkLedger(scene, 5);
  });

  test(`${name}: a poisoned event is dead with its cause, its key goes on, a redrive handles it once`, async (t) => {
    let isBroken = true;
    const scene = await start(t, await make(), {
      poison({ body }) {
        if (body.key === 'a' && body.value === 1 && isBroken) throw new RangeError('never');
      },
      more: { retry: { delaysMs: [] } },
    });
    await scene.sell('a', 'a', 'b');
    await scene.settled();
    const letters = await Array.fromAsync(scene.messaging.admin.dead({ subscription: scene.name }));
    const before = await scene.effects();

    isBroken = false;
    const ids = letters.map(({ id }) => id);
    const first = await scene.messaging.admin.redrive({ ids }, operator);
    const second = await scene.messaging.admin.redrive({ ids }, operator);
    await scene.settled();

    assert.deepEqual(
      letters.map(({ reason, error, key }) => [reason, error, key]),
      [['failed', 'RangeError: never', 'a']],
    );
    assert.deepEqual(before.toSorted(), ['a2', 'b1']);
    assert.deepEqual([first.moved, second.moved], [1, 0]);
    assert.deepEqual((await scene.effects()).toSorted(), ['a1', 'a2', 'b1']);
  });

  test(`${name}: effects outside the database are claimed once they have succeeded`, async (t) => {
    const sent: string[] = [];
    const external: Pick<ExternalSubscription<typeof soldInBulk>, 'effects' | 'handle'> = {
      effects: 'external',
      async handle({ body, attempt }, delivery) {
        assert.equal('tx' in delivery, false);
        sent.push(`${body.key}${body.value}#${attempt}`);
        if (attempt === 1) throw new RangeError('the mail server hesitates');
      },
    };
    const more: More = { retry: { delaysMs: [20, 20] }, ...external };
    const scene = await start(t, await make(), { more });

    await scene.sell('a', 'a');
    await scene.settled();

    assert.deepEqual(sent, ['a1#1', 'a1#2', 'a2#1', 'a2#2'].slice(0, sent.length));
    assert(sent.length >= 3);
  });
}

function testPauses(name: string, make: Make): void {
  test(`${name}: a paused subscription handles nothing until it is resumed`, async (t) => {
    const scene = await start(t, await make());
    await scene.sell('w');
    await scene.settled();
    await scene.messaging.admin.pause(scene.name, operator, 'a look at it');
    // The pause is seen within a second or so; what came before that is handled.
    await eventually(async () => {
      const [before] = await scene.messaging.admin.lag();
      await scene.sell('w');
      const [lag] = await scene.messaging.admin.lag();
      assert((before?.pending ?? 0) > 0 && (lag?.pending ?? 0) > 1 && lag?.pausedWhy !== null);
    });

    await scene.messaging.admin.resume(scene.name, operator);
    await scene.settled();

    await checkLedger(scene, (await scene.effects()).length);
  });

  test(`${name}: while what it needs is down a subscription waits, and no attempt counts`, async (t) => {
    let isDown = true;
    const attempts = new Set<number>();
    const scene = await start(t, await make(), {
      poison({ attempt }) {
        attempts.add(attempt);
        const options = { code: 'messaging.dependency_down', kind: 'unavailable' } as const;
        if (isDown) throw new Problem('The printer is away.', options);
      },
      more: { retry: { delaysMs: [] } },
    });
    await scene.sell('a', 'b', 'a');
    await eventually(() => assert.equal(attempts.size, 1), { withinMs: settleMs });

    isDown = false;
    await scene.settled();

    assert.deepEqual([...attempts], [1]);
    await checkLedger(scene, 3);
  });
}

function testEnds(name: string, make: Make): void {
  test(`${name}: what a drained process leaves is handled by the next`, async (t) => {
    const subject = await make();
    const first = await start(t, subject);
    await first.sell('a', 'b', 'c');
    await first.messaging.drain();
    await first.sell('a', 'b');

    const next = await start(t, subject, { name: first.name, database: first.database });
    await next.settled();

    await checkLedger(next, 5);
  });

  test(`${name}: a transport that is left loses nothing, neither away from it nor back to it`, async (t) => {
    const subject = await make();
    const table = { settings: {} };
    const first = await start(t, subject);
    const again = { name: first.name, database: first.database };
    await first.sell('a', 'b');
    await first.messaging.drain();
    const second = await start(t, table, again);
    await second.sell('a', 'b');
    await second.messaging.drain();

    const third = await start(t, subject, again);
    await third.sell('a', 'b');
    await third.settled();

    await checkLedger(third, 6);
  });

  test(`${name}: a queue that is lost is made anew, and nothing that was in it is missed`, async (t) => {
    const subject = await make();
    const scene = await start(t, subject);
    await scene.sell('a', 'b', 'c');
    await scene.settled();

    for (let part = 0; part < 16; part += 1) await subject.lose?.({ name: scene.name, part });
    await scene.sell('a', 'b', 'c', 'd');
    await scene.sell('a', 'b', 'c', 'd');
    await scene.settled();

    await checkLedger(scene, 11);
  });
}

function testRandom(name: string, make: Make): void {
  test(`${name}: random transactions and random failures lose, double and reorder nothing`, async (t) => {
    const subject = await make();
    const seed = subject.seed ?? randomBytes(4).readUInt32LE();
    t.diagnostic(`seed ${seed}`);
    const random = randomOf(seed);
    const scene = await start(t, subject, {
      poison() {
        if (random() < 0.1) throw new RangeError('by chance');
      },
      more: { retry: { delaysMs: Array.from({ length: 12 }, () => 20) } },
    });
    let count = 0;

    for (let n = 0; n < 60; n += 1) {
      const keys = Array.from(
        { length: 1 + Math.floor(random() * 4) },
        () => `k${Math.floor(random() * 8)}`,
      ).toSorted();
      await scene.sell(...keys);
      count += keys.length;
    }
    await scene.settled();

    await checkLedger(scene, count);
  });
}
