import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { QueryClientProvider } from '@tanstack/react-query';

import { createRouter, prefetchOnIntent, RouterProvider } from '@plinth/ui/router';

import './app.css';
import { session } from './data/client.ts';
import { queryClient } from './data/queries.ts';
import { routeTable } from './routes/table.ts';
import { App } from './shell/app.tsx';
import { applyLook, parseLook } from './shell/look.ts';

applyLook(parseLook(document.cookie));

const router = createRouter(routeTable, { mayRead: () => session.me !== undefined });
router.start();
prefetchOnIntent(router);

const host = document.getElementById('app');
if (host !== null) {
  host.replaceChildren();
  const app = createElement(RouterProvider, { router, children: createElement(App) });
  createRoot(host).render(
    createElement(QueryClientProvider, { client: queryClient, children: app }),
  );
}
