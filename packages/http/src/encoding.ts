/** What a body can be coded as, the best first. */
export type Encoding = 'br' | 'zstd' | 'gzip';

/**
 * Picks by Accept-Encoding (RFC 9110, 12.5.3): the highest q wins, among equals the first of `offered`.
 *
 * @returns `'identity'` where nothing better is taken, undefined where not even that is.
 */
export function chooseEncoding<encoding extends Encoding>(
  accept: string,
  offered: readonly encoding[],
): encoding | 'identity' | undefined {
  if (accept === '') return 'identity';
  const wanted = parse(accept);
  const rest = wanted.get('*');
  let best: encoding | 'identity' | undefined;
  let bestQ = 0;
  for (const encoding of offered) {
    const q = wanted.get(encoding) ?? rest ?? 0;
    if (q > bestQ) {
      best = encoding;
      bestQ = q;
    }
  }
  const identityQ = wanted.get('identity') ?? (rest === 0 ? 0 : undefined);
  if (best === undefined) return identityQ === 0 ? undefined : 'identity';
  return identityQ !== undefined && identityQ > bestQ ? 'identity' : best;
}

/** The same few texts come with every request. */
const parsed = new Map<string, ReadonlyMap<string, number>>();
const parsedMax = 200;

function parse(accept: string): ReadonlyMap<string, number> {
  const known = parsed.get(accept);
  if (known !== undefined) return known;
  const wanted = new Map<string, number>();
  for (const part of accept.toLowerCase().split(',')) {
    const [name = '', ...params] = part.split(';').map((text) => text.trim());
    const q = params.find((param) => param.startsWith('q='));
    const value = q === undefined ? 1 : Number(q.slice(2));
    if (name !== '') wanted.set(name, Number.isFinite(value) ? value : 0);
  }
  if (parsed.size < parsedMax) parsed.set(accept, wanted);
  return wanted;
}
