export { prefetchOnIntent } from './intent.ts';
export { matchPath, type Params } from './match.ts';
export { Outlet, RouterProvider, TitleSuffix, usePlace, useRouter, useTitle } from './outlet.tsx';
export {
  createRouter,
  type PageModule,
  type PageProps,
  type Place,
  type Route,
  type Router,
} from './router.ts';
