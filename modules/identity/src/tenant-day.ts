import { Problem } from '@plinth/core';

const formats = new Map<string, Intl.DateTimeFormat>();
const zonesMax = 1_000;

/**
 * The calendar day, `YYYY-MM-DD`, of an instant in a zone.
 *
 * @throws {Problem} `identity.bad_zone` for a zone that this runtime does not know.
 */
export function dayIn(zone: string, instantMs: number): string {
  return formatOf(zone).format(instantMs);
}

/** @throws {Problem} `identity.bad_zone`. */
export function checkZone(zone: string): void {
  formatOf(zone);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    // Swedish writes days as ISO 8601 does.
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
    if (formats.size >= zonesMax) formats.clear();
    formats.set(zone, format);
    return format;
  } catch (error) {
    throw new Problem(`${zone} is not a time zone: it looks like Europe/Berlin.`, {
      code: 'identity.bad_zone',
      kind: 'invalid',
      fields: [{ pointer: '/zone', code: 'identity.bad_zone', message: 'Not a time zone.' }],
      cause: error,
    });
  }
}
