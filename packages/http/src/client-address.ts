import { BlockList, isIP } from 'node:net';

const hopsMax = 16;

/** Who is believed about whom it speaks for. */
export interface TrustedPeers {
  has(address: string): boolean;
  /**
   * The client's address: the rightmost of the chain that is not one of ours.
   *
   * @param forwardedFor what the peer says, read only when it is trusted.
   * @returns undefined for a chain that is malformed or longer than 16 hops.
   */
  clientOf(peer: string, forwardedFor: string): string | undefined;
}

/** @throws {TypeError} naming the network that is no CIDR. */
export function createTrustedPeers(networks: readonly string[]): TrustedPeers {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address);
    const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
    if (family === 0 || !Number.isInteger(prefix)) throw new TypeError(`${network} is no network.`);
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  const isAny = networks.length > 0;
  const has = (address: string) =>
    isAny && list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  return {
    has,
    clientOf(peer, forwardedFor) {
      const from = plainAddress(peer);
      if (forwardedFor === '' || !has(from)) return from;
      const hops = forwardedFor.split(',').map((hop) => plainAddress(hop.trim()));
      if (hops.length > hopsMax || hops.some((hop) => isIP(hop) === 0)) return undefined;
      return hops.findLast((hop) => !has(hop)) ?? hops[0];
    },
  };
}

/** `::ffff:127.0.0.1` is how a dual-stack socket writes an IPv4 peer. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** What a limit counts by: an IPv4 address, or the /64 that one customer of a provider holds. */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const [left = '', right = ''] = address.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}

export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}
