import { Problem } from '@plinth/core';

import { isSessionAttributes, sessionAttributes, type SessionAttributes } from './attributes.ts';

/** One server of a URL that names several. */
export interface HostUrl {
  /** `host:port` */
  readonly name: string;
  readonly url: string;
  /** It serves reports and nothing else. */
  readonly isReporting?: true;
}

export interface DatabaseUrl {
  readonly hosts: readonly HostUrl[];
  /** Which of them serve reads. Default `prefer-standby` where there are several. */
  readonly attributes: SessionAttributes;
  /** Reads start at each in turn; otherwise in the order of the URL. Default true. */
  readonly isBalanced: boolean;
  /** What is known of a host counts for so long. Default 10,000. */
  readonly recheckMs: number;
  readonly poolMax: number | undefined;
  readonly commandMs: number | undefined;
  readonly applicationName: string | undefined;
}

const form = /^(postgres(?:ql)?):\/\/(?:([^@/?]*)@)?([^/?]*)(\/[^?]*)?(?:\?(.*))?$/u;
const portDefault = '5432';
const recheckSecondsDefault = 10;
const hostsMax = 16;
/** They belong to each connection, and stay in its URL. */
const connectionOptions = new Set(['host', 'sslmode', 'sslrootcert']);
const ownOptions = new Set([
  'targetSessionAttrs',
  'loadBalanceHosts',
  'hostRecheckSeconds',
  'maxPoolSize',
  'commandTimeout',
  'applicationName',
]);

/**
 * Reads `postgres://role:password@h1:5432,h2,h3/db?targetSessionAttrs=prefer-standby`.
 *
 * @throws {Problem} `postgres.bad_url`, which names the option that is wrong, and never the password.
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const [, scheme, credentials, hostList = '', path = '', query = ''] = form.exec(text) ?? [];
  if (scheme === undefined || hostList === '') {
    throw badUrl('The URL of the database is postgres://role:password@host:port/database.');
  }
  const options = new URLSearchParams(query);
  const suffix = path + connectionQuery(options);
  const user = credentials === undefined ? '' : `${credentials}@`;
  const hosts = hostList.split(',').map((host) => {
    const name = withPort(host.trim());
    return { name, url: `${scheme}://${user}${name}${suffix}` };
  });
  if (hosts.length > hostsMax) throw badUrl(`The URL names more than ${hostsMax} hosts.`);
  return { hosts, ...readOptions(options) };
}

/** What belongs to each connection. @throws {Problem} for an option that nobody knows. */
function connectionQuery(options: URLSearchParams): string {
  const kept = new URLSearchParams();
  for (const [name, value] of options) {
    if (connectionOptions.has(name)) kept.append(name, value);
    else if (!ownOptions.has(name)) throw badUrl(`The URL has no option ${name}.`);
  }
  return kept.size === 0 ? '' : `?${kept.toString()}`;
}

function readOptions(options: URLSearchParams): Omit<DatabaseUrl, 'hosts'> {
  const recheckSeconds = readNumber(options, 'hostRecheckSeconds', [1, 3_600]);
  const commandSeconds = readNumber(options, 'commandTimeout', [1, 3_600]);
  return {
    attributes: readAttributes(options.get('targetSessionAttrs')),
    isBalanced: readFlag(options, 'loadBalanceHosts') ?? true,
    recheckMs: (recheckSeconds ?? recheckSecondsDefault) * 1_000,
    poolMax: readNumber(options, 'maxPoolSize', [1, 1_000]),
    commandMs: commandSeconds === undefined ? undefined : commandSeconds * 1_000,
    applicationName: options.get('applicationName') ?? undefined,
  };
}

function withPort(host: string): string {
  const [, name = '', port = portDefault] =
    /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/u.exec(host) ?? [];
  if (name !== '' && Number(port) > 0 && Number(port) < 65_536) return `${name}:${port}`;
  throw badUrl('Each host of the URL is a name or an address, with its port or without.');
}

function readAttributes(value: string | null): SessionAttributes {
  if (value === null) return 'prefer-standby';
  if (isSessionAttributes(value)) return value;
  throw badUrl(`targetSessionAttrs is one of ${sessionAttributes.join(', ')}.`);
}

function readFlag(options: URLSearchParams, name: string): boolean | undefined {
  const value = options.get(name);
  if (value === null) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw badUrl(`${name} is true or false.`);
}

function readNumber(
  options: URLSearchParams,
  name: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const value = options.get(name);
  if (value === null) return undefined;
  const number = Number(value);
  if (/^\d+$/u.test(value) && number >= least && number <= most) return number;
  throw badUrl(`${name} is a whole number from ${least} to ${most}.`);
}

function badUrl(message: string): Problem {
  return new Problem(message, { code: 'postgres.bad_url', kind: 'internal' });
}
