/** Path parameters by name, decoded. */
export type Params = Readonly<Record<string, string>>;

/**
 * The first pattern that the path fits: `/invoices/:id` takes one segment a parameter, `*` at the end takes the rest.
 *
 * @returns undefined if none fits, or if a segment is not valid percent-encoding.
 */
export function matchPath<route extends { readonly path: string }>(
  routes: readonly route[],
  path: string,
): { readonly route: route; readonly params: Params } | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  for (const route of routes) {
    const params = fit(route.path, segments);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function fit(pattern: string, segments: readonly string[]): Params | undefined {
  const wanted = pattern.split('/').filter((segment) => segment !== '');
  const open = wanted.at(-1) === '*';
  if (open) wanted.pop();
  if (open ? segments.length < wanted.length : segments.length !== wanted.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, name] of wanted.entries()) {
    const segment = segments[at] ?? '';
    if (!name.startsWith(':')) {
      if (name !== segment) return undefined;
      continue;
    }
    const value = decode(segment);
    if (value === undefined) return undefined;
    params[name.slice(1)] = value;
  }
  return params;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
