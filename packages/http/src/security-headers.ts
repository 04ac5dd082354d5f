/** A flat list, as `writeHead` takes it: name, value, name, value. */
export type HeaderList = readonly string[];

const permissionsOff = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
]
  .map((name) => `${name}=()`)
  .join(', ');

/** Of the shell. It has nothing inline, so no hash and no nonce: a 304 would pair an old body with a new nonce. */
export const shellPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types plinth";

/** Of pages that only show text. */
export const textPolicy =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface Build {
  /** Ordered by its text. */
  readonly id: string;
  /** The oldest build of the page that this server still answers for. */
  readonly min: string;
}

/** On every answer. */
export function securityHeaders(isHttps: boolean, build: Build | undefined): HeaderList {
  return [
    ...(isHttps ? ['strict-transport-security', 'max-age=31536000; includeSubDomains'] : []),
    'x-content-type-options',
    'nosniff',
    'referrer-policy',
    'same-origin',
    'cross-origin-opener-policy',
    'same-origin',
    'cross-origin-resource-policy',
    'same-origin',
    'permissions-policy',
    permissionsOff,
    'x-frame-options',
    'DENY',
    ...(build === undefined ? [] : ['plinth-build', build.id, 'plinth-min-build', build.min]),
  ];
}
