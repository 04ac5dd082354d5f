import { type BrowserClient, createClient } from '@plinth/contract/client';

import { type Modules, routes } from './routes.gen.ts';
import { Session } from './session.ts';

export const session = new Session();

/** The commit position that a live message named: reads wait for it, so that they see what was announced. */
let position: string | undefined;

export function readAfter(committed: string): void {
  position = committed;
}

const unauthenticated = 401;
/** Reads get 15 s, writes 30: the page says so sooner than a proxy would. Uploads have no end but the user's. */
const timeoutMs = { GET: 15_000, other: 30_000 } as const;

/** Every operation of the server, typed by its contract: `client.invoicing.getInvoice({ id })`. */
export const client: BrowserClient<Modules> = createClient<Modules>(routes, { fetch: held });

/** The only `fetch` of the app: it names the tenant, sets the deadline, and waits out an expired session. */
async function held(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, withHead(init));
  if (response.status !== unauthenticated || isSignIn(url, init)) return response;
  await session.expire();
  init.signal?.throwIfAborted();
  return fetch(url, withHead(init));
}

function isSignIn(url: string, { method }: RequestInit): boolean {
  return method !== 'GET' && (url.endsWith('/v1/session') || url.endsWith('/accept'));
}

function withHead(init: RequestInit): RequestInit {
  const headers = new Headers(init.headers);
  const tenant = session.me?.tenant.id;
  // A tab belongs to one tenant: after a switch in another tab its calls are refused, they never land there.
  if (tenant !== undefined) headers.set('expect-tenant', tenant);
  if (position !== undefined) headers.set('plinth-position', position);
  const ms = init.method === 'GET' ? timeoutMs.GET : timeoutMs.other;
  const deadline = init.body instanceof Blob ? [] : [AbortSignal.timeout(ms)];
  const signals = [...(init.signal ? [init.signal] : []), ...deadline];
  return { ...init, headers, signal: AbortSignal.any(signals) };
}
