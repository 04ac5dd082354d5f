const dayForm = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/u;
const instantForm =
  /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}(?::?\d{2})?)$/u;
const serverForm =
  /^(\d{4,6})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?([+-])(\d{2})(?::(\d{2}))?$/u;

/** `YYYY-MM-DD`, a day that the calendar has, or the server's `infinity`. */
export function isDay(text: string): boolean {
  if (text === 'infinity' || text === '-infinity') return true;
  if (typeof text !== 'string' || !dayForm.test(text)) return false;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

export function isInstant(text: string): boolean {
  if (text === 'infinity' || text === '-infinity') return true;
  return typeof text === 'string' && instantForm.test(text) && !Number.isNaN(Date.parse(text));
}

/** Milliseconds since the epoch of what the server prints for a timestamptz in DateStyle ISO. */
export function instantMs(text: string): number {
  const match = serverForm.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour, zoneMinute] =
    match;
  const offsetMinutes = (Number(zoneHour) * 60 + Number(zoneMinute ?? 0)) * (sign === '-' ? -1 : 1);
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  return Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute) - offsetMinutes,
    Number(second),
    ms,
  );
}

/** ISO 8601 in UTC: three digits of a second, six where the server kept them. `infinity` stays as it is. */
export function formatInstant(text: string): string {
  const ms = instantMs(text);
  if (Number.isNaN(ms)) return text;
  const micros = /\.\d{3}(\d{1,3})/u.exec(text)?.[1];
  const iso = new Date(ms).toISOString();
  return micros === undefined ? iso : `${iso.slice(0, -1)}${micros.padEnd(3, '0')}Z`;
}
