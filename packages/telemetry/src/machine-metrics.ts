import { existsSync, readdirSync, readFileSync } from 'node:fs';

import type { Meter } from '@plinth/core';

/** Linux gives times to programs in hundredths of a second, whatever its kernel was built with. */
const ticksPerSecond = 100;
const kibibyte = 1_024;
const cpuModes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
type CpuMode = (typeof cpuModes)[number];

/** `/proc/stat`: seconds by mode, of one core in the mean. */
export function readCpuSeconds(stat: string): ReadonlyMap<CpuMode, number> {
  const [, line = ''] = /^cpu +(.+)$/mu.exec(stat) ?? [];
  const cores = stat.match(/^cpu\d+ /gmu)?.length ?? 1;
  const ticks = line.split(' ').map(Number);
  return new Map(cpuModes.map((mode, at) => [mode, (ticks[at] ?? 0) / ticksPerSecond / cores]));
}

/** A row of `/proc/meminfo` in bytes. */
export function readMemoryBytes(meminfo: string, row: 'MemTotal' | 'MemAvailable'): number {
  const found = new RegExp(`^${row}: +(\\d+) kB$`, 'mu').exec(meminfo);
  return Number(found?.[1] ?? 0) * kibibyte;
}

/** `/proc/diskstats`: seconds that each of these disks was busy (column 13 is in ms). */
export function readDiskSeconds(
  diskstats: string,
  disks: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const rows = diskstats
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/u));
  return new Map(
    rows.flatMap(([, , name = '', ...fields]) =>
      disks.has(name) ? [[name, Number(fields[9]) / 1_000] as const] : [],
    ),
  );
}

/** Processor, memory and disks of the machine; on Linux only. */
export function measureMachine(meter: Meter): void {
  if (!existsSync('/proc/stat')) return;
  const cpu = {
    name: 'system_cpu_time_seconds_total',
    help: 'Time of one core in the mean.',
    unit: 's',
    labels: { cpu_mode: { oneOf: cpuModes } },
  } as const;
  meter.observable(cpu, (set) => {
    for (const [mode, value] of readCpuSeconds(read('stat'))) set(value, { cpu_mode: mode });
  });
  const limit = { name: 'system_memory_limit_bytes', help: 'Memory of the machine.' };
  meter.observable({ ...limit, unit: 'By', labels: {} }, (set) =>
    set(readMemoryBytes(read('meminfo'), 'MemTotal')),
  );
  const available = { name: 'system_memory_linux_available_bytes', help: 'Memory to be had.' };
  meter.observable({ ...available, unit: 'By', labels: {} }, (set) =>
    set(readMemoryBytes(read('meminfo'), 'MemAvailable')),
  );
  if (existsSync('/sys/block') && existsSync('/proc/diskstats')) measureDisks(meter);
}

function measureDisks(meter: Meter): void {
  // Loops and RAM disks are made of others.
  const disks = new Set(readdirSync('/sys/block').filter((name) => !/^(?:loop|ram)/u.test(name)));
  const name = 'system_disk_io_time_seconds_total';
  const labels = { system_device: { atMost: 32 } } as const;
  meter.observable({ name, help: 'Time that a disk was busy.', unit: 's', labels }, (set) => {
    for (const [disk, value] of readDiskSeconds(read('diskstats'), disks)) {
      set(value, { system_device: disk });
    }
  });
}

function read(name: string): string {
  return readFileSync(`/proc/${name}`, 'utf8');
}
