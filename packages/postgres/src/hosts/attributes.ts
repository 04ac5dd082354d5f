export const sessionAttributes = [
  'any',
  'primary',
  'read-write',
  'standby',
  'read-only',
  'prefer-primary',
  'prefer-standby',
] as const;
/** What a host must be to serve; libpq's `target_session_attrs` and two that prefer. */
export type SessionAttributes = (typeof sessionAttributes)[number];

/** `foreign`: a server of another cluster; `fenced`: a primary that another one has followed. */
export type HostState =
  | 'primary-rw'
  | 'primary-ro'
  | 'standby'
  | 'offline'
  | 'unknown'
  | 'foreign'
  | 'fenced';

type Test = (state: HostState) => boolean;

const isPrimary: Test = (state) => state === 'primary-rw' || state === 'primary-ro';
const isStandby: Test = (state) => state === 'standby';
const isThere: Test = (state) => isPrimary(state) || isStandby(state) || state === 'unknown';

const passes: Readonly<Record<SessionAttributes, readonly Test[]>> = {
  any: [isThere],
  primary: [isPrimary],
  'read-write': [(state) => state === 'primary-rw'],
  standby: [isStandby],
  'read-only': [(state) => isStandby(state) || state === 'primary-ro'],
  'prefer-primary': [isPrimary, isThere],
  'prefer-standby': [isStandby, isThere],
};

export function isSessionAttributes(text: string): text is SessionAttributes {
  return sessionAttributes.some((name) => name === text);
}

/** Those of the first pass that has any, in the order given. */
export function eligible<host extends { readonly state: HostState }>(
  attributes: SessionAttributes,
  hosts: readonly host[],
): readonly host[] {
  for (const test of passes[attributes]) {
    const found = hosts.filter(({ state }) => test(state));
    if (found.length > 0) return found;
  }
  return [];
}
