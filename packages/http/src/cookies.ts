/** The cookies that the chassis sets. `__Host-` binds them to this host and to https. */
export interface CookieNames {
  readonly session: string;
  readonly device: string;
  /** How far the database was when this client last wrote. */
  readonly position: string;
  /** `; Path=/; …` */
  readonly attributes: string;
}

const deviceMaxAgeS = 7_776_000;

/** Without https only loopback gets plain names: a development server. */
export function cookieNames(isHttps: boolean): CookieNames {
  return isHttps
    ? {
        session: '__Host-sid',
        device: '__Host-device',
        position: '__Host-plinth-pos',
        attributes: '; Path=/; Secure; HttpOnly; SameSite=Lax',
      }
    : {
        session: 'sid',
        device: 'device',
        position: 'plinth-pos',
        attributes: '; Path=/; HttpOnly; SameSite=Lax',
      };
}

/** The value of one cookie, `''` where it is absent; the first one counts. */
export function findCookie(header: string, name: string): string {
  if (header === '') return '';
  let at = header.startsWith(`${name}=`) ? 0 : header.indexOf(`; ${name}=`);
  if (at === -1) return '';
  at += name.length + (at === 0 && header.startsWith(name) ? 1 : 3);
  const end = header.indexOf(';', at);
  return end === -1 ? header.slice(at) : header.slice(at, end);
}

export function sessionCookie(names: CookieNames, value: string | null, maxAgeS: number): string {
  return value === null
    ? `${names.session}=${names.attributes}; Max-Age=0`
    : `${names.session}=${value}${names.attributes}; Max-Age=${maxAgeS}`;
}

export function deviceCookie(names: CookieNames, token: string): string {
  return `${names.device}=${token}${names.attributes}; Max-Age=${deviceMaxAgeS}`;
}
