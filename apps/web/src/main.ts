import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

import './app.css';
import { Page } from './routes/kit/page.tsx';

const host = document.getElementById('app');
if (host !== null) createRoot(host).render(createElement('main', { className: 'h-dvh' }, createElement(Page)));
