import { away } from './place.ts';
import { readId, type LogId } from './session.ts';

/** One entry of the stream. */
export interface RawEntry extends LogId {
  readonly text: string;
}

/** What XREAD answered of its one stream. */
export function readStream(answer: unknown): unknown {
  if (!Array.isArray(answer)) return [];
  const [stream]: unknown[] = answer;
  return Array.isArray(stream) ? stream[1] : [];
}

export function readEntries(answer: unknown): RawEntry[] {
  if (!Array.isArray(answer)) return [];
  return answer.flatMap((entry: unknown) => {
    const [id, fields]: unknown[] = Array.isArray(entry) ? entry : [];
    const at = readId(id);
    const text: unknown = Array.isArray(fields) ? fields[1] : undefined;
    return at === undefined ? [] : [{ ...at, text: typeof text === 'string' ? text : '?' }];
  });
}

/** @throws {Problem} `cache.log_away` for the nil of NOMKSTREAM. */
export function readAdded(answer: unknown): LogId {
  const id = readId(answer);
  if (id === undefined) throw away('There is no log to append to.');
  return id;
}
