import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useLayoutEffect,
  useSyncExternalStore,
} from 'react';

import type { Place, Router } from './router.ts';

const RouterContext = createContext<Router | undefined>(undefined);

interface RouterProviderProps {
  readonly router: Router;
  readonly children: ReactNode;
}

export function RouterProvider({ router, children }: RouterProviderProps) {
  return <RouterContext.Provider value={router}>{children}</RouterContext.Provider>;
}

/** @throws {TypeError} outside a `RouterProvider`. */
export function useRouter(): Router {
  const router = useContext(RouterContext);
  if (router === undefined) throw new TypeError('useRouter needs a RouterProvider above it');
  return router;
}

/** Where the router is; draws again when it moves. */
export function usePlace(): Place {
  const router = useRouter();
  return useSyncExternalStore(router.subscribe, () => router.place);
}

interface OutletProps {
  /** While the chunk is on its way. */
  readonly loading: ReactNode;
  readonly notFound: ReactNode;
  failed(error: unknown, retry: () => void): ReactNode;
}

/** Draws the present page; after a change of page the focus goes to its `h1`. */
export function Outlet({ loading, notFound, failed }: OutletProps) {
  const router = useRouter();
  const place = usePlace();
  const { route, module, error, visit } = place;
  const shown = module !== undefined;
  useEffect(() => {
    if (visit < 2 || !shown) return;
    const heading = document.querySelector<HTMLElement>('main h1');
    heading?.focus({ preventScroll: true });
  }, [visit, shown]);
  if (route === undefined) return notFound;
  if (error !== undefined) return failed(error, () => router.retry());
  if (module === undefined) return loading;
  const { Page } = module;
  return <Page key={visit} params={place.params} search={place.search} url={place.url} />;
}

const TitleContext = createContext('');

interface TitleSuffixProps {
  /** After every page's title: the tenant's name. */
  readonly suffix: string;
  readonly children: ReactNode;
}

export function TitleSuffix({ suffix, children }: TitleSuffixProps) {
  return <TitleContext.Provider value={suffix}>{children}</TitleContext.Provider>;
}

/** The tab's title: `Invoice INV-2026-000123 · Acme`. */
export function useTitle(title: string): void {
  const suffix = useContext(TitleContext);
  useLayoutEffect(() => {
    document.title = suffix === '' ? title : `${title} · ${suffix}`;
  }, [title, suffix]);
}
