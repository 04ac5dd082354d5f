import type { IncomingMessage } from 'node:http';

import type { HttpLimits } from './config.ts';
import { readHead, type Head } from './head.ts';

/** A request that is refused before anything looks at what it asks for. */
export interface Fault {
  readonly status: number;
  readonly code: `http.${string}`;
  readonly detail: string;
  /** The connection cannot be trusted to be in step. */
  readonly close: boolean;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const bodyless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);
const notVisible = /[^!-~]/u;
/** In the path, as it is and as a proxy may decode it. */
const pathTrap = /^\/\/|[\\#]|\/\.{1,2}(?:\/|$)|%(?:2f|5c|2e|00)/iu;
const brokenEscape = /%(?![0-9a-f]{2})/iu;
const connectionTrap =
  /(?:^|[\s,])(?:host|content-length|transfer-encoding|authorization|cookie|x-forwarded-[^\s,]*|plinth-[^\s,]*)(?=$|[\s,])/iu;
const hostForm = /^(?:[0-9a-z](?:[0-9a-z.-]*[0-9a-z])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/iu;

/**
 * What node:http lets through and a proxy in front may understand otherwise: the verdict table of the gateway,
 * asked again here because nothing promises that one stands in front.
 */
export function checkHead(
  request: IncomingMessage,
  hosts: ReadonlySet<string>,
  limits: HttpLimits,
): Head | Fault {
  const { method = '', url = '', rawHeaders, httpVersion } = request;
  if (!methods.has(method)) return checkMethod(method);
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return fault(505, 'http.version', 'HTTP/1.1 is spoken here.');
  }
  if (url.length > limits.targetCharactersMax) {
    return fault(414, 'http.target_too_long', 'The request target is too long.');
  }
  if (rawHeaders.length > 2 * limits.headersMax) {
    return fault(431, 'http.too_many_headers', `More than ${limits.headersMax} headers.`);
  }
  const target = checkTarget(url);
  if (target !== undefined) return target;
  const head = readHead(rawHeaders);
  if (typeof head === 'string') {
    return fault(400, 'http.duplicate_header', `${head} stands more than once.`);
  }
  return checkFraming(method, httpVersion, head) ?? checkHost(head, hosts) ?? head;
}

function checkMethod(method: string): Fault {
  return method === 'TRACE' || method === 'CONNECT'
    ? fault(405, 'http.method', `${method} is not answered.`)
    : fault(501, 'http.method', 'The method is not known.');
}

function checkTarget(url: string): Fault | undefined {
  if (url.charCodeAt(0) !== 0x2f || notVisible.test(url) || url.includes('#')) {
    return fault(400, 'http.bad_target', 'The target is a path that begins with one slash.');
  }
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  if (pathTrap.test(path) || (end !== -1 && /%00/u.test(url))) {
    return fault(400, 'http.bad_target', 'The path has an empty, dotted or hidden segment.');
  }
  if (!url.includes('%')) return undefined;
  if (!brokenEscape.test(url) && isUtf8(path)) return undefined;
  return fault(400, 'http.bad_target', 'The path is not percent-encoded UTF-8.');
}

function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function checkFraming(method: string, version: string, head: Head): Fault | undefined {
  const { transferEncoding, connection } = head;
  if (transferEncoding !== '') {
    if (transferEncoding.toLowerCase() !== 'chunked') {
      return fault(501, 'http.transfer_encoding', 'Only chunked is understood.');
    }
    if (version === '1.0' || bodyless.has(method)) {
      return fault(400, 'http.transfer_encoding', 'This request may not be chunked.');
    }
  }
  if (connection.length > 10 && connectionTrap.test(connection)) {
    return fault(400, 'http.bad_connection', 'Connection names a header that it may not.');
  }
  return undefined;
}

function checkHost({ host }: Head, hosts: ReadonlySet<string>): Fault | undefined {
  if (hosts.has(host) || hosts.has(host.toLowerCase())) return undefined;
  return hostForm.test(host)
    ? fault(421, 'http.unknown_host', 'This host is not served here.')
    : fault(400, 'http.bad_host', 'Host is one name, and a port at most.');
}

function fault(status: number, code: Fault['code'], detail: string): Fault {
  return { status, code, detail, close: true };
}
