import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseCron } from './cron-times.ts';

/** Times from midnight to midnight of a day on which the clocks change, in UTC. */
function timesOf(cron: string, zone: string, from: string, to: string): string[] {
  const times = parseCron(cron, zone);
  const found: string[] = [];
  const end = Date.parse(to);
  for (let at = times.next(Date.parse(from) - 1); at < end; at = times.next(at)) {
    found.push(new Date(at).toISOString().slice(5, 16));
  }
  return found;
}

const berlinSpring = ['Europe/Berlin', '2026-03-28T23:00Z', '2026-03-29T22:00Z'] as const;
const berlinAutumn = ['Europe/Berlin', '2026-10-24T22:00Z', '2026-10-25T23:00Z'] as const;
const newYorkSpring = ['America/New_York', '2026-03-08T05:00Z', '2026-03-09T04:00Z'] as const;
const newYorkAutumn = ['America/New_York', '2026-11-01T04:00Z', '2026-11-02T05:00Z'] as const;
const howeSpring = ['Australia/Lord_Howe', '2026-10-03T13:30Z', '2026-10-04T13:00Z'] as const;
const howeAutumn = ['Australia/Lord_Howe', '2026-04-04T13:00Z', '2026-04-05T13:30Z'] as const;

const table: [string, readonly [string, string, string], string[]][] = [
  // What spring skips fires once, at the first instant after it.
  ['30 2 * * *', berlinSpring, ['03-29T01:00']],
  ['0,30 2 * * *', berlinSpring, ['03-29T01:00']],
  ['30 2 * * *', newYorkSpring, ['03-08T07:00']],
  ['15 2 * * *', howeSpring, ['10-03T15:30']],
  // What autumn repeats fires at its first occurrence.
  ['30 2 * * *', berlinAutumn, ['10-25T00:30']],
  ['0,30 2 * * *', berlinAutumn, ['10-25T00:00', '10-25T00:30']],
  ['30 1 * * *', newYorkAutumn, ['11-01T05:30']],
  ['45 1 * * *', howeAutumn, ['04-04T14:45']],
  // What has a wildcard or a step follows real time.
  ['*/15 2 * * *', berlinSpring, []],
  ['*/30 2 * * *', berlinAutumn, ['10-25T00:00', '10-25T00:30', '10-25T01:00', '10-25T01:30']],
];

for (const [cron, [zone, from, to], expected] of table) {
  test(`${cron} on ${from.slice(0, 10)} in ${zone} fires ${expected.length} times`, () => {
    assert.deepEqual(timesOf(cron, zone, from, to), expected);
  });
}

for (const [[zone, from, to], hours] of [
  [berlinSpring, 23],
  [berlinAutumn, 25],
  [newYorkSpring, 23],
  [newYorkAutumn, 25],
] as const) {
  test(`every hour is each real hour on ${from.slice(0, 10)} in ${zone}`, () => {
    assert.equal(timesOf('0 * * * *', zone, from, to).length, hours);
  });
}

for (const [cron, zone] of [
  ['0 0 31 2 *', 'UTC'],
  ['61 * * * *', 'UTC'],
  ['* * *', 'UTC'],
  ['0 3 * * *', 'Europe/Atlantis'],
] as const) {
  test(`${cron} in ${zone} is refused`, () => {
    assert.throws(() => parseCron(cron, zone), TypeError);
  });
}
