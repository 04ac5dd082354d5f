import {
  createHash,
  createHmac,
  pbkdf2Sync,
  randomBytes,
  timingSafeEqual,
  X509Certificate,
} from 'node:crypto';

/** SCRAM-SHA-256 and its variant that is bound to the TLS channel: RFC 5802, RFC 7677, RFC 5929 (tls-server-end-point). */
export interface Scram {
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS';
  readonly first: string;
  /** @throws for a server that answers with another nonce, no salt or too few iterations. */
  final(serverFirst: string): string;
  /** @throws for a server that does not know the password either. */
  verify(serverFinal: string): void;
}

const nonceBytes = 18;
const iterationsMin = 4_096;
const iterationsMax = 1_000_000;
const keyBytes = 32;

/** @param certificate the server's, in DER, where the channel is TLS. */
export function createScram(
  mechanisms: readonly string[],
  password: string,
  certificate: Buffer | undefined,
): Scram {
  const isBound = certificate !== undefined && mechanisms.includes('SCRAM-SHA-256-PLUS');
  if (!isBound && !mechanisms.includes('SCRAM-SHA-256')) {
    throw new Error(`The server offers only ${mechanisms.join(', ')}.`);
  }
  // `y`: this side could bind the channel, the server did not offer it. A server that did then knows of the downgrade.
  const head = isBound ? 'p=tls-server-end-point,,' : certificate === undefined ? 'n,,' : 'y,,';
  const binding = isBound ? certificateHash(certificate) : Buffer.alloc(0);
  const nonce = randomBytes(nonceBytes).toString('base64');
  const firstBare = `n=*,r=${nonce}`;
  let expected = Buffer.alloc(keyBytes);
  return {
    mechanism: isBound ? 'SCRAM-SHA-256-PLUS' : 'SCRAM-SHA-256',
    first: head + firstBare,
    final(serverFirst) {
      const { r = '', s = '', i = '' } = attributesOf(serverFirst);
      const iterations = Number(i);
      const isFair = iterations >= iterationsMin && iterations <= iterationsMax;
      if (!r.startsWith(nonce) || r === nonce || s === '' || !isFair) {
        throw new Error('The server answers SCRAM with a nonce, salt or count that cannot be.');
      }
      const salt = Buffer.from(s, 'base64');
      const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, keyBytes, 'sha256');
      const channel = Buffer.concat([Buffer.from(head), binding]).toString('base64');
      const finalBare = `c=${channel},r=${r}`;
      const message = `${firstBare},${serverFirst},${finalBare}`;
      const clientKey = hmac(salted, 'Client Key');
      const signature = hmac(createHash('sha256').update(clientKey).digest(), message);
      const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)));
      expected = hmac(hmac(salted, 'Server Key'), message);
      return `${finalBare},p=${proof.toString('base64')}`;
    },
    verify(serverFinal) {
      const given = Buffer.from(attributesOf(serverFinal)['v'] ?? '', 'base64');
      if (given.length === expected.length && timingSafeEqual(given, expected)) return;
      throw new Error('The server could not show that it knows the password.');
    },
  };
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}

function hmac(key: Buffer, text: string): Buffer<ArrayBuffer> {
  return Buffer.from(createHmac('sha256', key).update(text).digest());
}

/** RFC 5929, 4.1: the hash of the certificate's own signature, SHA-256 for what is weaker. */
function certificateHash(der: Buffer): Buffer {
  const { signatureAlgorithm = '' } = new X509Certificate(der);
  const [, bits = '256'] = /sha-?(256|384|512)/iu.exec(signatureAlgorithm) ?? [];
  return createHash(`sha${bits}`).update(der).digest();
}
