import {
  bytes,
  defineConfig,
  duration,
  env,
  envOptional,
  envSecret,
  port,
  wholeNumber,
} from '@plinth/core';
import { z } from '@plinth/core/z';

const list = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((parts) => parts.every((part) => part !== ''), 'is a list with commas');

/** Variables of the HTTP listener, the sessions and the keys. */
export const httpConfig = defineConfig('http', {
  port: env('HTTP_PORT', port, {
    default: 3000,
    doc: 'Port of the API and the UI; 0: any free one',
  }),
  listen: env('HTTP_LISTEN', z.string().min(1), {
    default: '127.0.0.1',
    doc: 'Address to listen at',
  }),
  hosts: env('HTTP_HOSTS', list, {
    default: [],
    doc: 'Host headers that are answered, with port; none: those of loopback',
  }),
  origins: env('HTTP_ORIGINS', list, {
    default: [],
    doc: 'Origins of our own pages, the first is the canonical one; none: those of loopback',
  }),
  trustProxy: env('HTTP_TRUST_PROXY', list, {
    default: [],
    doc: 'Networks (CIDR) whose X-Forwarded-* and plinth-* headers are believed',
  }),
  bodyBytesMax: env('HTTP_BODY_LIMIT', bytes, {
    default: 1_048_576,
    doc: 'Largest JSON body',
  }),
  deadlineMs: env('HTTP_DEADLINE', duration, {
    default: 10_000,
    doc: 'Longest time for a query that names no deadline',
  }),
  compress: env<'edge' | 'app' | 'off'>('HTTP_COMPRESS', z.enum(['edge', 'app', 'off']), {
    default: 'edge',
    doc: 'Who compresses answers that are made for each request',
  }),
  connectionsMax: env('HTTP_MAX_CONNECTIONS', wholeNumber(1, 1_000_000), {
    default: 10_000,
    doc: 'Open connections; more are refused',
  }),
  shedDelayMs: env('SHED_DELAY', duration, {
    default: 50,
    doc: 'Delay of the event loop above which less is admitted',
  }),
  sessionIdleMs: env('SESSION_IDLE', duration, {
    default: 43_200_000,
    doc: 'A session ends when it is not used for this long',
  }),
  sessionHardMs: env('SESSION_HARD', duration, {
    default: 604_800_000,
    doc: 'A session ends after this, however it is used',
  }),
  master: envSecret('PLINTH_MASTER_KEY', z.string().regex(masterForm()), {
    doc: 'id:base64 of 32 bytes, several by comma: the first wraps keys, all unwrap',
  }),
  assets: envOptional('ASSETS_DIR', z.string().min(1), { doc: 'Folder of the built UI' }),
});

type ValueOf<variable> = variable extends { readonly _types?: infer value }
  ? Exclude<value, undefined>
  : never;
type Values = typeof httpConfig.variables;

/** What `createHttp` needs of them. */
export type HttpConfig = {
  readonly [
    name in Exclude<keyof Values, 'master' | 'assets' | 'sessionIdleMs' | 'sessionHardMs'>
  ]: ValueOf<Values[name]>;
};

function masterForm(): RegExp {
  return /^[0-9A-Za-z_-]{1,32}:[A-Za-z0-9+/]{43}=(?:,[0-9A-Za-z_-]{1,32}:[A-Za-z0-9+/]{43}=)*$/u;
}

/** What node does not bound by itself, or bounds too late. */
export interface HttpLimits {
  readonly targetCharactersMax: number;
  readonly headerBytesMax: number;
  readonly headersMax: number;
  readonly headersTimeoutMs: number;
  /** From the first byte of the request to the last of a JSON body. */
  readonly bodyTimeoutMs: number;
  readonly uploadIdleMs: number;
  readonly uploadBytesPerSecondMin: number;
  /** The whole request, uploads included. */
  readonly requestTimeoutMs: number;
  /** How often node looks for late connections: its default of 30 s makes every timeout that much later. */
  readonly checkMs: number;
  /** Longer than any idle pool in front: the outer side always closes first. */
  readonly keepAliveMs: number;
  /** A client that takes no byte for this long is cut off. */
  readonly stallMs: number;
  readonly jsonDepthMax: number;
  readonly jsonKeysMax: number;
  readonly queryFieldsMax: number;
  readonly exportsMax: number;
  readonly exportsPerTenantMax: number;
}

export const defaultLimits: HttpLimits = {
  targetCharactersMax: 8_192,
  headerBytesMax: 16_384,
  headersMax: 100,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 15_000,
  uploadIdleMs: 15_000,
  uploadBytesPerSecondMin: 1_024,
  requestTimeoutMs: 300_000,
  checkMs: 1_000,
  keepAliveMs: 72_000,
  stallMs: 30_000,
  jsonDepthMax: 32,
  jsonKeysMax: 10_000,
  queryFieldsMax: 50,
  exportsMax: 10,
  exportsPerTenantMax: 2,
};
