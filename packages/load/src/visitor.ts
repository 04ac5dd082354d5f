import { Connections } from './connections.ts';
import type { Answer } from './http-reader.ts';
import { createZipf, type Random } from './random.ts';
import { pick, type Json, type Mix } from './scenario.ts';

/** Somebody who is signed in, with what there is to draw for them. */
export interface Visitor {
  readonly headers: Readonly<Record<string, string>>;
  /** A fresh set of drawn values for one walk through a scenario. */
  draw(): Map<string, Json>;
  onRefused?(step: string, status: number, body: Buffer): void;
}

export interface Account {
  readonly email: string;
  readonly password: string;
}

interface Needs {
  readonly target: URL;
  readonly mix: Mix;
  readonly random: Random;
  readonly onRefused?: Visitor['onRefused'];
}

const timeoutMs = 30_000;
const keySkew = 0.9;

/**
 * Signs in and fills the data sets, before any clock starts.
 *
 * @throws {TypeError} naming the address and the status if the server does not let the account in.
 */
export async function createVisitor(needs: Needs, account: Account): Promise<Visitor> {
  const { target, mix, random } = needs;
  const connections = new Connections(target);
  const ask = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ) => {
    const exchange = await connections.send(
      { method, path, headers, ...(body === undefined ? {} : { body }) },
      timeoutMs,
    );
    if ('fault' in exchange) throw new TypeError(`${method} ${path}: ${exchange.fault}`);
    return exchange.answer;
  };
  try {
    const signedIn = await ask(
      'POST',
      '/v1/session',
      { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      JSON.stringify({ email: account.email, password: account.password }),
    );
    if (signedIn.status !== 200) {
      throw new TypeError(`${account.email} cannot sign in: ${signedIn.status}`);
    }
    const headers = { cookie: cookieOf(signedIn), 'sec-fetch-site': 'same-origin' };
    const sets = new Map<string, { values: readonly Json[]; next: () => number }>();
    for (const { name, from } of mix.data) {
      const values = 'path' in from ? await collect(ask, headers, from) : from;
      if (values.length === 0)
        throw new TypeError(`${account.email}: there is no ${name} to draw from.`);
      sets.set(name, { values, next: createZipf(values.length, keySkew, random) });
    }
    return {
      headers,
      draw: () =>
        new Map([...sets].map(([name, { values, next }]) => [name, values[next()] ?? ''])),
      ...(needs.onRefused === undefined ? {} : { onRefused: needs.onRefused }),
    };
  } finally {
    connections.close();
  }
}

type Ask = (method: string, path: string, headers: Record<string, string>) => Promise<Answer>;

/** Follows `next` for some pages of a list. */
async function collect(
  ask: Ask,
  headers: Record<string, string>,
  { path, pointer, pages }: { path: string; pointer: string; pages: number },
): Promise<Json[]> {
  const values: Json[] = [];
  let cursor = '';
  for (let page = 0; page < pages; page += 1) {
    const answer = await ask('GET', `${path}${cursor}`, headers);
    if (answer.status !== 200)
      throw new TypeError(`GET ${path}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
    const json: unknown = JSON.parse(answer.body.toString());
    values.push(...pick(json, pointer).filter((value) => value !== null));
    const [next] = pick(json, '/next');
    if (typeof next !== 'string') break;
    cursor = `${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(next)}`;
  }
  return values;
}

function cookieOf({ cookies }: Answer): string {
  return cookies.map((cookie) => cookie.split(';', 1)[0] ?? '').join('; ');
}
