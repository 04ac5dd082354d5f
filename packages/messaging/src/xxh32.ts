const prime1 = 0x9e3779b1;
const prime2 = 0x85ebca77;
const prime3 = 0xc2b2ae3d;
const prime4 = 0x27d4eb2f;
const prime5 = 0x165667b1;

const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));

/**
 * xxHash's 32-bit hash, seed 0, of the text's UTF-8 bytes, as an unsigned number.
 * It stays for ever: the part of an event depends on it.
 *
 * Source: the xxHash fast digest algorithm, version 0.1.1, section «XXH32».
 */
export function xxh32(text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  let at = 0;
  let hash = prime5;
  if (bytes.length >= 16) {
    const lanes: [number, number, number, number] = [prime1 + prime2, prime2, 0, -prime1];
    for (; at + 16 <= bytes.length; at += 16) {
      lanes[0] = round(lanes[0], bytes.readInt32LE(at));
      lanes[1] = round(lanes[1], bytes.readInt32LE(at + 4));
      lanes[2] = round(lanes[2], bytes.readInt32LE(at + 8));
      lanes[3] = round(lanes[3], bytes.readInt32LE(at + 12));
    }
    hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
  }
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(bytes.readInt32LE(at), prime3)) | 0, 17), prime4);
  }
  for (; at < bytes.length; at += 1) {
    hash = Math.imul(rotate((hash + Math.imul(bytes.readUInt8(at), prime5)) | 0, 11), prime1);
  }
  return avalanche(hash);
}

function round(lane: number, word: number): number {
  return Math.imul(rotate((lane + Math.imul(word, prime2)) | 0, 13), prime1);
}

function avalanche(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 15), prime2);
  hash = Math.imul(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The part of a key, 0…15. Sixteen parts, for ever. */
export function partOf(key: string): number {
  return xxh32(key) & 15;
}
