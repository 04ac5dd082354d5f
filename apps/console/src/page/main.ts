import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

import { createRouter, prefetchOnIntent, RouterProvider, type Route } from '@plinth/ui/router';

import './app.css';
import { App } from './app.tsx';

const routes: readonly Route[] = [
  { path: '/', load: () => import('./overview-page.tsx') },
  { path: '/processes', load: () => import('./processes-page.tsx') },
  { path: '/database', load: () => import('./database-page.tsx') },
  { path: '/messages', load: () => import('./messages-page.tsx') },
  { path: '/traces', load: () => import('./traces-page.tsx') },
  { path: '/traces/:id', load: () => import('./trace-page.tsx') },
  { path: '/alerts', load: () => import('./alerts-page.tsx') },
];

const router = createRouter(routes);
router.start();
prefetchOnIntent(router);

const host = document.getElementById('app');
if (host !== null) {
  createRoot(host).render(createElement(RouterProvider, { router, children: createElement(App) }));
}
