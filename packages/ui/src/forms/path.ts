/** A place in a form's values: `lines.3.quantity`. */
export type Path = string;

/** The value at a path; undefined where there is none. */
export function getAt(values: unknown, path: Path): unknown {
  let value = values;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Array.isArray(value) ? value[Number(key)] : readKey(value, key);
  }
  return value;
}

function readKey(value: object, key: string): unknown {
  const entry = Object.entries(value).find(([name]) => name === key);
  return entry?.[1];
}

/** A copy with another value at the path; what lies beside it stays the same object. */
export function setAt(values: unknown, path: Path, value: unknown): unknown {
  const [key = '', ...rest] = path.split('.');
  const inner = (old: unknown) => (rest.length === 0 ? value : setAt(old, rest.join('.'), value));
  if (Array.isArray(values)) {
    const items: readonly unknown[] = values;
    return items.map((item, at) => (at === Number(key) ? inner(item) : item));
  }
  const fields = typeof values === 'object' && values !== null ? values : {};
  return { ...fields, [key]: inner(readKey(fields, key)) };
}

/** RFC 6901 → path: `/lines/3/quantity` → `lines.3.quantity`. */
export function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}
