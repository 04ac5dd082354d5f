import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  constants,
  monitorEventLoopDelay,
  performance,
  PerformanceObserver,
  type PerformanceEntry,
} from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';

import type { Clock, Meter } from '@plinth/core';

const delayWindowMs = 10_000;
const delayResolutionMs = 10;
const probeEveryMs = 1_000;
/** A probe of the thread pool that is out for so long is observed as so long. */
const probeSecondsMax = 5;
const gcBounds = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1];

/** CPU, memory, descriptors, event loop, garbage collection and thread pool of this process. */
export function measureProcess(meter: Meter, clock: Clock): { start(): void; stop(): void } {
  const parts = [measureLoop(meter, clock), measureGc(meter), probeThreadPool(meter, clock)];
  measureUse(meter);
  measureDescriptors(meter);
  measureHeap(meter);
  const startedAt = clock.now() - performance.now();
  const name = 'plinth_process_start_time_seconds';
  const help = 'Start of the process, since the Unix epoch.';
  meter.observable({ name, help, unit: 's', labels: {} }, (set) => set(startedAt / 1_000));
  return {
    start() {
      for (const { start } of parts) start();
    },
    stop() {
      for (const { stop } of parts) stop();
    },
  };
}

function measureUse(meter: Meter): void {
  const cpu = {
    name: 'process_cpu_time_seconds_total',
    help: 'CPU time of the process.',
    unit: 's',
    labels: { cpu_mode: { oneOf: ['user', 'system'] } },
  } as const;
  meter.observable(cpu, (set) => {
    const { user, system } = process.cpuUsage();
    set(user / 1e6, { cpu_mode: 'user' });
    set(system / 1e6, { cpu_mode: 'system' });
  });
  const name = 'process_memory_usage_bytes';
  meter.observable({ name, help: 'Resident memory.', unit: 'By', labels: {} }, (set) =>
    set(process.memoryUsage.rss()),
  );
}

function measureDescriptors(meter: Meter): void {
  // Only Linux says them.
  if (!existsSync('/proc/self/limits')) return;
  const count = { name: 'process_open_file_descriptor_count', help: 'Open files and sockets.' };
  meter.observable({ ...count, unit: '1', labels: {} }, (set) =>
    set(readdirSync('/proc/self/fd').length),
  );
  const limit = { name: 'plinth_process_fd_limit', help: 'Open files that are allowed.' };
  const line = /^Max open files\s+(\d+)/mu.exec(readFileSync('/proc/self/limits', 'utf8'));
  const max = Number(line?.[1]);
  meter.observable({ ...limit, unit: '1', labels: {} }, (set) => set(max));
}

type SpaceSize = 'space_used_size' | 'space_size';

function measureHeap(meter: Meter): void {
  const used = { name: 'v8js_memory_heap_used_bytes', help: 'Heap in use.' };
  const size = { name: 'v8js_memory_heap_limit_bytes', help: 'Heap that is reserved.' };
  const labels = { v8js_heap_space_name: { atMost: 16 } } as const;
  meter.observable({ ...used, unit: 'By', labels }, (set) => readSpaces('space_used_size', set));
  meter.observable({ ...size, unit: 'By', labels }, (set) => readSpaces('space_size', set));
}

function readSpaces(
  size: SpaceSize,
  set: (value: number, labels: Readonly<Record<string, string>>) => void,
): void {
  for (const space of getHeapSpaceStatistics()) {
    set(space[size], { v8js_heap_space_name: space.space_name });
  }
}

function measureLoop(meter: Meter, clock: Clock): { start(): void; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
  let last = { p50: 0, p99: 0, max: 0 };
  let whole = false;
  let cancel: (() => void) | undefined;
  // The monitor counts its own waiting: a loop that is never late reads as the resolution.
  const seconds = (nanoseconds: number) =>
    Math.max(0, nanoseconds / 1e9 - delayResolutionMs / 1_000) || 0;
  const read = () => ({
    p50: seconds(delay.percentile(50)),
    p99: seconds(delay.percentile(99)),
    max: seconds(delay.max),
  });
  for (const part of ['p50', 'p99', 'max'] as const) {
    const name = `nodejs_eventloop_delay_${part}_seconds`;
    const help = 'Lateness of the event loop in the last 10 s.';
    meter.observable({ name, help, unit: 's', labels: {} }, (set) => {
      set((whole ? last : read())[part]);
    });
  }
  let utilization = performance.eventLoopUtilization();
  const name = 'nodejs_eventloop_utilization_ratio';
  const help = 'Part of the time since the last scrape that the loop was busy.';
  meter.observable({ name, help, unit: '1', labels: {} }, (set) => {
    const now = performance.eventLoopUtilization();
    set(performance.eventLoopUtilization(now, utilization).utilization || 0);
    utilization = now;
  });
  return {
    start() {
      delay.enable();
      cancel = clock.every(delayWindowMs, () => {
        last = read();
        whole = true;
        delay.reset();
      });
    },
    stop() {
      cancel?.();
      delay.disable();
    },
  };
}

const gcTypes = ['major', 'minor', 'incremental', 'weakcb'] as const;
const typeOfGc: Readonly<Record<number, (typeof gcTypes)[number]>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

function measureGc(meter: Meter): { start(): void; stop(): void } {
  const pause = meter.histogram({
    name: 'v8js_gc_duration_seconds',
    help: 'Pauses for garbage collection.',
    unit: 's',
    labels: { v8js_gc_type: { oneOf: gcTypes } },
    bounds: gcBounds,
  });
  const bound = new Map(gcTypes.map((type) => [type, pause.bind({ v8js_gc_type: type })]));
  const observer = new PerformanceObserver((entries) => {
    for (const entry of entries.getEntries()) {
      bound.get(typeOfGc[gcKind(entry)] ?? 'minor')?.observe(entry.duration / 1_000);
    }
  });
  return {
    start: () => observer.observe({ entryTypes: ['gc'] }),
    stop: () => observer.disconnect(),
  };
}

function gcKind({ detail }: PerformanceEntry & { detail?: unknown }): number {
  const kind = typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : 0;
  return typeof kind === 'number' ? kind : 0;
}

/** Node shows no length of the pool's queue, so the cheapest job asks each second how long the queue takes. */
function probeThreadPool(meter: Meter, clock: Clock): { start(): void; stop(): void } {
  const name = 'plinth_threadpool_wait_seconds';
  const wait = meter
    .histogram({ name, help: 'Time until the thread pool did a job.', unit: 's', labels: {} })
    .bind({});
  const folder = dirname(process.execPath);
  let cancel: (() => void) | undefined;
  const probe = async () => {
    const start = clock.mono();
    await stat(folder);
    wait.observe(Math.min((clock.mono() - start) / 1_000, probeSecondsMax));
  };
  return {
    start: () => (cancel = clock.every(probeEveryMs, probe)),
    stop: () => cancel?.(),
  };
}
