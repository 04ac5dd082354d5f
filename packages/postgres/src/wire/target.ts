import { refuse } from '../errors.ts';

export type SslMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** Where one connection goes, and as whom. */
export interface Target {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly applicationName: string;
  readonly sslmode: SslMode;
  /** A file of certificates to trust; without one those that Node trusts. */
  readonly sslrootcert?: string | undefined;
  /** md5 and cleartext passwords are sent; default false. */
  readonly allowsWeakAuth?: boolean;
  /** Settings of the session, sent at its start: a pooler would refuse them. */
  readonly settings?: Readonly<Record<string, string>>;
}

const portDefault = 5_432;
const sslModes: readonly string[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'];

/**
 * `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`. A host that is percent-encoded and
 * begins with `/` is the folder of a socket; so is `?host=/folder`.
 *
 * @throws {Problem} `postgres.bad_url`; the URL, which may hold a password, is not in it.
 */
export function targetOf(url: string, applicationName: string): Target {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(?:ql)?:$/u.test(parsed.protocol)) {
    throw badUrl('The address of the database is not of the form postgres://user@host/database.');
  }
  const user = decodeURIComponent(parsed.username) || 'postgres';
  const { searchParams } = parsed;
  const host = searchParams.get('host') ?? decodeURIComponent(parsed.hostname);
  return {
    host: host === '' ? 'localhost' : host.replace(/^\[(.*)\]$/u, '$1'),
    port: parsed.port === '' ? portDefault : Number(parsed.port),
    user,
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(parsed.pathname.slice(1)) || user,
    applicationName: searchParams.get('applicationName') ?? applicationName,
    sslmode: sslModeOf(searchParams.get('sslmode') ?? 'prefer'),
    sslrootcert: searchParams.get('sslrootcert') ?? undefined,
  };
}

function sslModeOf(text: string): SslMode {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is in the list of all modes
  if (sslModes.includes(text)) return text as SslMode;
  throw badUrl(`sslmode must be one of ${sslModes.join(', ')}.`);
}

function badUrl(message: string): Error {
  return refuse({ message, code: 'postgres.bad_url', kind: 'internal' });
}
