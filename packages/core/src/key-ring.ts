/** Each purpose has a key of its own, derived from the ring's: a token of one is refused by all others. */
export type KeyPurpose = 'cookie' | 'cursor' | 'token' | 'rpc' | 'data';

/** Signs and seals what leaves the process and comes back. Made by @plinth/http, used by all. */
export interface KeyRing {
  /** The data stays readable; the token says that we wrote it. */
  sign(purpose: KeyPurpose, data: Buffer): string;
  /** Undefined for anything that we did not sign for this purpose. */
  verify(purpose: KeyPurpose, token: string): Buffer | undefined;
  /** @param aad binds the token to its place: it opens only with the same one. */
  seal(purpose: KeyPurpose, data: Buffer, aad: string): string;
  open(purpose: KeyPurpose, token: string, aad: string): Buffer | undefined;
}
