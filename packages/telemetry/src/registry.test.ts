import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '@plinth/core';
import fc from 'fast-check';

import { Registry } from './registry.ts';

const requests = {
  name: 'http_server_request_duration_seconds',
  help: 'Time of requests.',
  unit: 's',
  labels: {
    http_request_method: { oneOf: ['GET', 'POST'] },
    http_route: { declared: true },
    http_response_status_code: { atMost: 3 },
  },
} as const;
const rejected = {
  name: 'plinth_http_rejected_total',
  help: 'Requests refused.',
  unit: '1',
  labels: { reason: { declared: true } },
} as const;

/** An own reader of the format: name, labels, value of each sample line. */
function parse(text: string): { name: string; labels: Record<string, string>; value: number }[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/su.exec(line);
      assert(match !== null, `${line} is a sample`);
      const labels: Record<string, string> = {};
      const pairs = (match[2] ?? '').matchAll(/([a-z_0-9]+)="((?:[^"\\]|\\.)*)"(?:,|$)/gsu);
      for (const [, label = '', value = ''] of pairs) {
        labels[label] = value.replaceAll(/\\(.)/gsu, (_, c: string) => (c === 'n' ? '\n' : c));
      }
      return { name: match[1] ?? '', labels, value: Number(match[3]?.replace('+Inf', 'Infinity')) };
    });
}

function valueOf(registry: Registry, name: string, labels: Record<string, string>): number {
  const found = parse(registry.write()).find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return found?.value ?? Number.NaN;
}

test('a histogram writes cumulative buckets that end with its count', () => {
  const registry = new Registry(systemClock);
  const labels = { http_request_method: 'GET', http_route: '/a', http_response_status_code: '200' };
  const bound = registry.histogram(requests).bind(labels);

  for (const seconds of [0.0005, 0.001, 0.2, 0.3, 60]) bound.observe(seconds);

  const le = (end: string) => valueOf(registry, `${requests.name}_bucket`, { le: end });
  assert.deepEqual(
    [le('0.001'), le('0.0025'), le('0.2'), le('0.5'), le('10'), le('+Inf')],
    [2, 2, 3, 4, 4, 5],
  );
  assert.equal(valueOf(registry, `${requests.name}_count`, {}), 5);
  assert.equal(valueOf(registry, `${requests.name}_sum`, {}), 60.5015);
});

test('the buckets of any observations add up', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (values) => {
      const registry = new Registry(systemClock);
      const bound = registry.histogram(requests).bind({});

      for (const value of values) bound.observe(value);

      const buckets = parse(registry.write()).filter(({ name }) => name.endsWith('_bucket'));
      for (const { labels, value } of buckets) {
        const end = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
        assert.equal(value, values.filter((one) => one <= end).length);
      }
    }),
  );
});

test('a label value of any text is read back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (reason) => {
      const registry = new Registry(systemClock);

      registry.counter(rejected).add(1, { reason });

      assert.equal(valueOf(registry, rejected.name, { reason: reason.toWellFormed() }), 1);
    }),
  );
});

test('a value that is no number, negative or endless is dropped and counted', () => {
  const registry = new Registry(systemClock);
  const counter = registry.counter(rejected);
  const bound = registry.histogram(requests).bind({});

  counter.add(-1, { reason: 'shed' });
  counter.add(Number.NaN, { reason: 'shed' });
  bound.observe(Infinity);

  assert.equal(valueOf(registry, 'plinth_telemetry_dropped_total', { reason: 'bad_value' }), 3);
  assert.equal(valueOf(registry, `${requests.name}_count`, {}), 0);
});

test('a label value that its rule refuses becomes _other and is counted', () => {
  const registry = new Registry(systemClock);
  const histogram = registry.histogram(requests);

  for (const method of ['BREW', 'GET']) histogram.bind({ http_request_method: method }).observe(1);
  for (const status of ['200', '201', '204', '205', '206']) {
    histogram.bind({ http_response_status_code: status }).observe(1);
  }

  const count = `${requests.name}_count`;
  const refused = 'plinth_telemetry_label_refused_total';
  assert.equal(valueOf(registry, count, { http_request_method: '_other' }), 1);
  assert.equal(valueOf(registry, count, { http_response_status_code: '_other' }), 2);
  assert.equal(valueOf(registry, refused, { metric: requests.name }), 3);
});

test('label sets past the cap share one', () => {
  const registry = new Registry(systemClock);
  const counter = registry.counter({ ...rejected, cap: 2 });

  for (const reason of ['a', 'b', 'c', 'd', 'a']) counter.add(1, { reason });

  assert.equal(valueOf(registry, rejected.name, { reason: 'a' }), 2);
  assert.equal(valueOf(registry, rejected.name, { reason: '_other' }), 2);
  assert.equal(valueOf(registry, 'plinth_telemetry_overflow_total', { metric: rejected.name }), 2);
});

test('a process never has more than 20,000 sample lines and those of the overflow', () => {
  const registry = new Registry(systemClock);
  const names = ['route', 'job', 'cache', 'statement'];

  for (const name of names) {
    const histogram = registry.histogram({
      name: `app_test_${name}_seconds`,
      help: 'A test.',
      unit: 's',
      labels: { one: { declared: true } },
      cap: 2_000,
    });
    for (let i = 0; i < 500; i += 1) histogram.bind({ one: String(i) }).observe(1);
  }

  const lines = parse(registry.write()).length;
  assert(lines > 19_900 && lines < 20_100, `${lines} lines`);
});

test('a name that the catalogue lacks, or has otherwise, fails the start', () => {
  const registry = new Registry(systemClock);
  const def = { help: '', unit: '1', labels: {} } as const;

  assert.throws(() => registry.counter({ ...def, name: 'plinth_foo_total' }), /not in the catal/u);
  assert.throws(() => registry.gauge({ ...def, name: rejected.name }), /is a counter/u);
  assert.throws(
    () => registry.counter({ ...rejected, labels: { tenant: { declared: true } } }),
    /no label tenant/u,
  );
});

test('an observable is read at each scrape and what it no longer sets has gone', () => {
  const registry = new Registry(systemClock);
  const queues = new Map([['default', 3]]);
  registry.observable(
    {
      name: 'plinth_job_running',
      help: 'Jobs.',
      unit: '1',
      labels: { queue: { declared: true } },
    },
    (set) => {
      for (const [queue, count] of queues) set(count, { queue });
    },
  );
  assert.equal(valueOf(registry, 'plinth_job_running', { queue: 'default' }), 3);

  queues.delete('default');
  queues.set('reports', 1);

  assert.equal(valueOf(registry, 'plinth_job_running', { queue: 'reports' }), 1);
  assert.doesNotMatch(registry.write(), /queue="default"/u);
});

test('an observable that throws leaves the rest of the scrape whole', () => {
  const registry = new Registry(systemClock);
  const def = { help: '', unit: '1', labels: {} } as const;
  registry.observable({ ...def, name: 'plinth_cache_entries' }, () => {
    assert.fail('broken');
  });
  registry.observable({ ...def, name: 'plinth_cache_bytes' }, (set) => set(7));

  registry.write();

  assert.equal(valueOf(registry, 'plinth_cache_bytes', {}), 7);
  assert.equal(valueOf(registry, 'plinth_telemetry_dropped_total', { reason: 'failed_read' }), 3);
});
