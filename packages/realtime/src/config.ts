import { defineConfig, env, wholeNumber } from '@plinth/core';
import { z } from '@plinth/core/z';

export interface RealtimeSettings {
  /** Origins of pages that may connect; a page of the same origin sends none. */
  readonly origins: readonly string[];
  readonly heartbeatMs: number;
  /** Connections of one user. */
  readonly userMax: number;
  readonly tenantMax: number;
  readonly processMax: number;
  readonly drainMs: number;
}

export const defaultSettings: RealtimeSettings = {
  origins: [],
  heartbeatMs: 15_000,
  userMax: 10,
  tenantMax: 5_000,
  processMax: 20_000,
  drainMs: 20_000,
};

const { heartbeatMs, userMax, tenantMax, processMax, drainMs } = defaultSettings;

export const realtimeConfig = defineConfig('realtime', {
  origins: env(
    'RT_ORIGINS',
    z.string().transform((text) => text.split(',').map((origin) => origin.trim())),
    { default: [], doc: 'Origins of pages that may connect, by comma; our own need not be named.' },
  ),
  heartbeatMs: env('RT_HEARTBEAT_MS', wholeNumber(100, 60_000), {
    default: heartbeatMs,
    doc: 'Between two signs of life on a connection.',
  }),
  userMax: env('RT_MAX_USER', wholeNumber(1, 1_000), {
    default: userMax,
    doc: 'Connections of one user.',
  }),
  tenantMax: env('RT_MAX_TENANT', wholeNumber(1, 100_000), {
    default: tenantMax,
    doc: 'Connections of one tenant.',
  }),
  processMax: env('RT_MAX_PROCESS', wholeNumber(1, 100_000), {
    default: processMax,
    doc: 'Connections of this process.',
  }),
  drainMs: env('RT_DRAIN_MS', wholeNumber(0, 60_000), {
    default: drainMs,
    doc: 'How long connections may take to end when the process stops.',
  }),
});
