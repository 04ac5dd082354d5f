import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readCpuSeconds, readDiskSeconds, readMemoryBytes } from './machine-metrics.ts';

test('processor time is that of one core in the mean', () => {
  const stat =
    'cpu  400 0 200 1000 40 0 20 0 0 0\ncpu0 200 0 100 500 20 0 10 0 0 0\ncpu1 200 0 100 500 20 0 10 0 0 0\nintr 7\n';

  const seconds = readCpuSeconds(stat);

  assert.deepEqual([seconds.get('user'), seconds.get('idle'), seconds.get('softirq')], [2, 5, 0.1]);
});

test('memory is read in bytes', () => {
  const meminfo = 'MemTotal:        2048 kB\nMemFree:          100 kB\nMemAvailable:     512 kB\n';

  assert.equal(readMemoryBytes(meminfo, 'MemTotal'), 2_097_152);
  assert.equal(readMemoryBytes(meminfo, 'MemAvailable'), 524_288);
});

test('a disk is busy for the milliseconds of its row, and partitions are left out', () => {
  const diskstats =
    '   8       0 sda 1 2 3 4 5 6 7 8 9 1500 11\n   8       1 sda1 1 2 3 4 5 6 7 8 9 900 11\n';

  assert.deepEqual([...readDiskSeconds(diskstats, new Set(['sda']))], [['sda', 1.5]]);
});
