/** The headers that the chassis reads, each at most once. */
export interface Head {
  host: string;
  cookie: string;
  authorization: string;
  contentType: string;
  contentLength: string;
  transferEncoding: string;
  connection: string;
  accept: string;
  acceptEncoding: string;
  ifMatch: string;
  ifNoneMatch: string;
  idempotencyKey: string;
  origin: string;
  fetchSite: string;
  userAgent: string;
  forwardedFor: string;
  requestId: string;
  traceparent: string;
  expectTenant: string;
  deadlineMs: string;
  position: string;
}
type Field = keyof Head;

const fields: Readonly<Record<string, Field>> = {
  host: 'host',
  cookie: 'cookie',
  authorization: 'authorization',
  'content-type': 'contentType',
  'content-length': 'contentLength',
  'transfer-encoding': 'transferEncoding',
  connection: 'connection',
  accept: 'accept',
  'accept-encoding': 'acceptEncoding',
  'if-match': 'ifMatch',
  'if-none-match': 'ifNoneMatch',
  'idempotency-key': 'idempotencyKey',
  origin: 'origin',
  'sec-fetch-site': 'fetchSite',
  'user-agent': 'userAgent',
  'x-forwarded-for': 'forwardedFor',
  'x-request-id': 'requestId',
  traceparent: 'traceparent',
  'expect-tenant': 'expectTenant',
  'plinth-deadline-ms': 'deadlineMs',
  'plinth-position': 'position',
};
/** Twice is an attack or a fault, whichever value would win. */
const singletons = new Set<Field>([
  'host',
  'authorization',
  'contentType',
  'contentLength',
  'transferEncoding',
  'ifMatch',
  'idempotencyKey',
  'origin',
  'fetchSite',
  'expectTenant',
  'position',
]);

/** Spellings as clients send them → field: saves lowering each name of each request. */
const spellings = new Map<string, Field | ''>();
const spellingsMax = 500;

function fieldOf(name: string): Field | '' {
  const known = spellings.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const field = Object.hasOwn(fields, lower) ? (fields[lower] ?? '') : '';
  if (spellings.size < spellingsMax) spellings.set(name, field);
  return field;
}

function emptyHead(): Head {
  return {
    host: '',
    cookie: '',
    authorization: '',
    contentType: '',
    contentLength: '',
    transferEncoding: '',
    connection: '',
    accept: '',
    acceptEncoding: '',
    ifMatch: '',
    ifNoneMatch: '',
    idempotencyKey: '',
    origin: '',
    fetchSite: '',
    userAgent: '',
    forwardedFor: '',
    requestId: '',
    traceparent: '',
    expectTenant: '',
    deadlineMs: '',
    position: '',
  };
}

/**
 * Reads the raw list once. A name with `_` is never one of ours: what proxies make equal to `-` is not read.
 *
 * @returns the head, or the name of the header that stands twice and may not.
 */
export function readHead(rawHeaders: readonly string[]): Head | string {
  const head = emptyHead();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const field = fieldOf(name);
    if (field === '') continue;
    const value = rawHeaders[index + 1] ?? '';
    if (head[field] === '') {
      head[field] = value;
    } else if (singletons.has(field)) {
      return name.toLowerCase();
    } else {
      head[field] += field === 'cookie' ? `; ${value}` : `, ${value}`;
    }
  }
  return head;
}
