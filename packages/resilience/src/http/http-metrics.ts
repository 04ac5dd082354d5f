import type { BoundHistogram, Meter } from '@plinth/core';

const boundMax = 200;

export type Observe = (method: string, status: number, tookMs: number) => void;

/** Until the head of the answer is there. */
export function createObserver(meter: Meter | undefined, server: string): Observe {
  if (meter === undefined) return () => undefined;
  const histogram = meter.histogram({
    name: 'http_client_request_duration_seconds',
    help: 'Time until the head of an answer from another server.',
    unit: 's',
    labels: {
      server_address: { declared: true },
      http_request_method: { atMost: 10 },
      http_response_status_code: { atMost: 60 },
    },
  });
  const bound = new Map<string, BoundHistogram>();
  return (method, status, tookMs) => {
    const key = `${method} ${status}`;
    const known =
      bound.get(key) ??
      histogram.bind({
        server_address: server,
        http_request_method: method,
        http_response_status_code: String(status),
      });
    if (bound.size < boundMax) bound.set(key, known);
    known.observe(tookMs / 1_000);
  };
}
