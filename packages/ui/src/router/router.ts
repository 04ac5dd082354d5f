import type { ComponentType } from 'react';

import { matchPath, type Params } from './match.ts';

/** What a page gets. A page reads its state from the URL and nowhere else. */
export interface PageProps {
  readonly params: Params;
  readonly search: URLSearchParams;
  readonly url: URL;
}

/** A page's chunk. */
export interface PageModule {
  readonly Page: ComponentType<PageProps>;
  /** Starts the page's queries: called as soon as the chunk is here, on intent too. */
  data?(match: PageProps): void;
}

export interface Route {
  /** `/invoices/:id`; the last may be `*`. */
  readonly path: string;
  load(): Promise<PageModule>;
}

/** Where the router is: `module` is undefined while the chunk is on its way, `error` what kept it from coming. */
export interface Place extends PageProps {
  readonly route: Route | undefined;
  readonly module: PageModule | undefined;
  readonly error: unknown;
  /** Rises when the page changes, not when only the query string does. */
  readonly visit: number;
}

export interface Router {
  readonly place: Place;
  subscribe(listener: () => void): () => void;
  /** @param options.replace for a change that Back should not undo: a filter while it is typed. */
  navigate(href: string, options?: { readonly replace?: boolean }): void;
  /** Loads chunk and data of a link that the user is about to follow. */
  prefetch(href: string): void;
  /** Asks before leaving: `guard` gets what would go on, and answers true if it takes over. */
  guard(guard: (proceed: () => void) => boolean): () => void;
  /** Loads the present page again after its chunk failed. */
  retry(): void;
  /** Listens; gives back what ends it. */
  start(): () => void;
}

/** The old page stays this long while the new one's chunk comes; after it the new page's skeleton shows. */
const oldPageMs = 150;

export interface RouterOptions {
  /** Whether pages may start their queries: not before somebody is signed in. Default: always. */
  mayRead?(): boolean;
}

/** @param routes in order: the first that fits. */
export function createRouter(routes: readonly Route[], options: RouterOptions = {}): Router {
  return new BrowserRouter(routes, options);
}

class BrowserRouter implements Router {
  place: Place;
  readonly #routes: readonly Route[];
  readonly #options: RouterOptions;
  readonly #listeners = new Set<() => void>();
  readonly #modules = new Map<Route, PageModule>();
  readonly #loads = new Map<Route, Promise<PageModule>>();
  readonly #scrolls = new Map<string, number>();
  #guard: ((proceed: () => void) => boolean) | undefined;
  #present = keyOfEntry();

  constructor(routes: readonly Route[], options: RouterOptions) {
    this.#routes = routes;
    this.#options = options;
    this.place = this.#placeOf(new URL(location.href), 0);
  }

  start(): () => void {
    const pop = () => {
      this.#leave();
      void this.#go(new URL(location.href), this.#scrolls.get(keyOfEntry()) ?? 0);
    };
    const click = (event: MouseEvent) => {
      const href = hrefOfClick(event);
      if (href === undefined || !this.#knows(href)) return;
      event.preventDefault();
      this.navigate(href);
    };
    addEventListener('popstate', pop);
    addEventListener('click', click);
    history.scrollRestoration = 'manual';
    void this.#go(new URL(location.href), 0);
    return () => {
      removeEventListener('popstate', pop);
      removeEventListener('click', click);
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  navigate(href: string, options: { readonly replace?: boolean } = {}): void {
    const url = new URL(href, location.href);
    const leaves = url.pathname !== this.place.url.pathname;
    if (leaves && this.#guard?.(() => this.#push(url, options.replace === true)) === true) return;
    this.#push(url, options.replace === true);
  }

  guard(guard: (proceed: () => void) => boolean): () => void {
    this.#guard = guard;
    return () => {
      if (this.#guard === guard) this.#guard = undefined;
    };
  }

  prefetch(href: string): void {
    const url = new URL(href, location.href);
    const place = this.#placeOf(url, 0);
    if (place.route === undefined || url.origin !== location.origin) return;
    this.#load(place.route).then(
      (module) => this.#read(module, place),
      // It is only likely that the page is wanted: if it is, `#go` meets the failure again and shows it.
      () => undefined,
    );
  }

  retry(): void {
    void this.#go(this.place.url, 0);
  }

  #knows(href: string): boolean {
    const url = new URL(href);
    return url.origin === location.origin && matchPath(this.#routes, url.pathname) !== undefined;
  }

  #push(url: URL, replace: boolean): void {
    this.#leave();
    const entry = { key: String(performance.now()) };
    if (replace) history.replaceState(history.state ?? entry, '', url);
    else history.pushState(entry, '', url);
    this.#present = keyOfEntry();
    void this.#go(url, 0);
  }

  #leave(): void {
    this.#scrolls.set(this.#present, document.querySelector('main')?.scrollTop ?? 0);
    this.#present = keyOfEntry();
  }

  async #go(url: URL, scrollTop: number): Promise<void> {
    const before = this.place;
    const same = before.module !== undefined && before.url.pathname === url.pathname;
    const next = this.#placeOf(url, before.visit + (same ? 0 : 1));
    if (next.route === undefined || next.module !== undefined) {
      this.#commit(next);
      this.#read(next.module, next);
    } else {
      await this.#arrive(next, next.route);
    }
    if (!same) requestAnimationFrame(() => document.querySelector('main')?.scrollTo(0, scrollTop));
  }

  async #arrive(next: Place, route: Route): Promise<void> {
    const wanted = next.url.href;
    const late = setTimeout(() => this.#commit(next), oldPageMs);
    const loaded = await this.#load(route).then(
      (module) => ({ module, error: undefined }),
      (error: unknown) => ({ module: undefined, error }),
    );
    clearTimeout(late);
    if (location.href !== wanted) return;
    this.#commit({ ...next, ...loaded });
    this.#read(loaded.module, next);
  }

  #read(module: PageModule | undefined, place: Place): void {
    if (this.#options.mayRead?.() !== false) module?.data?.(place);
  }

  #load(route: Route): Promise<PageModule> {
    const running = this.#loads.get(route);
    if (running !== undefined) return running;
    const load = route.load().then((module) => {
      this.#modules.set(route, module);
      return module;
    });
    this.#loads.set(route, load);
    load.catch(() => this.#loads.delete(route));
    return load;
  }

  #placeOf(url: URL, visit: number): Place {
    const match = matchPath(this.#routes, url.pathname);
    const route = match?.route;
    return {
      route,
      params: match?.params ?? {},
      search: url.searchParams,
      url,
      module: route && this.#modules.get(route),
      error: undefined,
      visit,
    };
  }

  #commit(place: Place): void {
    this.place = place;
    for (const listener of this.#listeners) listener();
  }
}

function keyOfEntry(): string {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null && 'key' in state
    ? String(state.key)
    : 'first';
}

/** The link that a plain click on it follows in this tab. */
function hrefOfClick(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || !isPlain(event)) return undefined;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.hasAttribute('download')) return undefined;
  const inPage = link.hash !== '' && link.pathname === location.pathname;
  return inPage || link.href === '' ? undefined : link.href;
}

/** The first button alone: with a modifier it opens a tab, a window or a download. */
function isPlain({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !(metaKey || ctrlKey || shiftKey || altKey);
}
