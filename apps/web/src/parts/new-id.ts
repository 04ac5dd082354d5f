/**
 * A UUIDv7 (RFC 9562) made in the browser: a draft has its id before the server has seen it, so that a second
 * try of a lost answer makes no second draft.
 *
 * @param nowMs milliseconds since 1970; default the page's own monotonic clock.
 */
export function newId(
  nowMs: number = performance.timeOrigin + performance.now(),
  random: Uint8Array = crypto.getRandomValues(new Uint8Array(10)),
): string {
  const time = Math.floor(nowMs).toString(16).padStart(12, '0');
  const bytes = [...random];
  const [a = 0, , c = 0] = bytes;
  bytes[0] = 0x70 | (a & 0x0f);
  bytes[2] = 0x80 | (c & 0x3f);
  const rest = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [time.slice(0, 8), time.slice(8), rest.slice(0, 4), rest.slice(4, 8), rest.slice(8)].join(
    '-',
  );
}
