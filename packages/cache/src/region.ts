import { Problem } from '@plinth/core';

import type {
  Cache,
  Entry,
  EntryOptions,
  Factory,
  InvalidateOptions,
  Invalidated,
  KeyPart,
  Names,
  Region,
  RegionOptions,
} from './cache.ts';
import type { Position } from './position.ts';

const nameForm = /^[a-z][a-z0-9-]{0,31}$/u;
// oxlint-disable-next-line no-control-regex -- control characters are what it escapes
const unsafe = /[%:{}\s\u0000-\u001f\u007f]/u;
// oxlint-disable-next-line no-control-regex -- control characters are what it escapes
const unsafeAll = /[%:{}\s\u0000-\u001f\u007f]/gu;

/** What a region needs of the cache that it is read through. */
export interface RegionHost {
  readonly tenant: string | undefined;
  load<value>(
    key: string,
    factory: Factory<value>,
    options: EntryOptions,
    region: number,
  ): value | Promise<value>;
  find<value>(
    key: string,
    region: number,
    options: EntryOptions,
  ): value | null | undefined | Promise<value | null | undefined>;
  describe<value>(
    key: string,
    region: number,
    options: EntryOptions,
  ): Promise<Entry<value> | undefined>;
  store(
    key: string,
    value: unknown,
    options: EntryOptions & { readonly mark?: Position },
    region: number,
  ): Promise<Position | undefined>;
  invalidate(names: Names, options?: InvalidateOptions): Promise<Invalidated>;
  addRegion(name: string): number;
}

/** @throws {Problem} `cache.config` for a name that is wrong; {TypeError} for one that is taken. */
export function createRegion<parts extends readonly KeyPart[], value>(
  host: RegionHost,
  options: RegionOptions<parts, value>,
  hostOf: (scope: Cache) => RegionHost | undefined,
): Region<parts, value> {
  if (!nameForm.test(options.name)) {
    throw new Problem(`A region's name is ${nameForm.source}.`, {
      code: 'cache.config',
      kind: 'internal',
    });
  }
  const id = host.addRegion(options.name);
  return new RegionView(host, options, { id, hostOf });
}

interface Kept {
  readonly id: number;
  readonly hostOf: (scope: Cache) => RegionHost | undefined;
}

class RegionView<parts extends readonly KeyPart[], value> implements Region<parts, value> {
  readonly #view: RegionHost;
  readonly #options: RegionOptions<parts, value>;
  readonly #kept: Kept;
  readonly #prefix: string | undefined;

  constructor(view: RegionHost, options: RegionOptions<parts, value>, kept: Kept) {
    this.#view = view;
    this.#options = options;
    this.#kept = kept;
    const { name, version = 1, scope } = options;
    const tenant = scope === 'global' ? '' : view.tenant;
    this.#prefix = tenant === undefined ? undefined : `${name}.${version}:${escapePart(tenant)}`;
  }

  in(scope: Cache): Region<parts, value> {
    const host = this.#kept.hostOf(scope);
    if (host === undefined) throw new TypeError('A region is read in a scope of its cache.');
    return new RegionView(host, this.#options, this.#kept);
  }

  getOrSet(parts: parts, factory: Factory<value>): value | Promise<value> {
    return this.#view.load(this.key(parts), factory, this.#optionsOf(parts), this.#kept.id);
  }

  get(parts: parts): value | null | undefined | Promise<value | null | undefined> {
    return this.#view.find(this.key(parts), this.#kept.id, this.#optionsOf(parts));
  }

  entry(parts: parts): Promise<Entry<value> | undefined> {
    return this.#view.describe(this.key(parts), this.#kept.id, this.#optionsOf(parts));
  }

  set(
    parts: parts,
    value: value,
    options: { readonly mark?: Position } = {},
  ): Promise<Position | undefined> {
    const all = { ...this.#optionsOf(parts), ...options };
    return this.#view.store(this.key(parts), value, all, this.#kept.id);
  }

  invalidate(parts: parts, options?: InvalidateOptions): Promise<Invalidated> {
    return this.#view.invalidate({ keys: [this.key(parts)] }, options);
  }

  key(parts: parts): string {
    if (this.#prefix === undefined) {
      throw new Problem(`The region ${this.#options.name} is read in the scope of a tenant.`, {
        code: 'cache.config',
        kind: 'internal',
      });
    }
    let key = this.#prefix;
    for (const part of parts) key += `:${escapePart(part)}`;
    return key;
  }

  #optionsOf(parts: parts): EntryOptions {
    const { tags, ...options } = this.#options;
    return tags === undefined ? options : { ...options, tags: tags(...parts) };
  }
}

/** Parts cannot run into each other, nor name a slot of a cluster. */
function escapePart(part: KeyPart): string {
  const text = String(part);
  if (typeof part === 'number' && !Number.isFinite(part)) {
    throw new Problem('A part of a key is a text or a finite number.', {
      code: 'cache.config',
      kind: 'internal',
    });
  }
  return unsafe.test(text) ? text.replaceAll(unsafeAll, encodeURIComponent) : text;
}
