import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'vite';

const me = {
  user: {
    id: '01900000-0000-7000-8000-000000000001',
    email: 'ana.petrova@acme.example',
    name: 'Ana Petrova',
    locale: null,
    zone: null,
    totp: false,
    version: '1',
  },
  tenant: {
    id: '01900000-0000-7000-8000-000000000002',
    name: 'Acme Wholesale',
    currency: 'EUR',
    zone: 'Europe/Berlin',
    locale: 'en',
  },
  role: 'owner',
  permissions: ['customers.read', 'invoicing.read', 'payments.read', 'identity.self'],
  tenants: [],
  today: '2026-11-23',
};

/** What the shell asks for; the kit's lists are synthetic and ask nobody. */
const answers: Readonly<Record<string, unknown>> = {
  '/v1/me': me,
  '/v1/notices/unread': { n: 3, more: false },
};

/** As http.md has it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types plinth";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Builds the kit's pages and serves them under the product's policy while the file's tests run. */
export function kitSite(): { url: string } {
  const site = { url: '' };
  let folder = '';
  let server: Server | undefined;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plinth-kit-'));
    await build({
      root: fileURLToPath(new URL('../../', import.meta.url)),
      configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)),
      mode: 'kit',
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    });
    server = createServer((request, response) => {
      void answer(request.url ?? '/', response, folder);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
    site.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });
  return site;
}

async function answer(url: string, response: ServerResponse, folder: string): Promise<void> {
  const path = url.split('?')[0] ?? '/';
  if (path.startsWith('/rt')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 60000\n\n');
    return;
  }
  if (path in answers) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers[path]));
    return;
  }
  const file = path.startsWith('/assets/') ? path : '/index.html';
  const body = await readFile(join(folder, file)).catch(() => undefined);
  response.writeHead(body === undefined ? 404 : 200, {
    'content-type': types[extname(file)] ?? 'text/plain',
    'content-security-policy': policy,
  });
  response.end(body);
}
