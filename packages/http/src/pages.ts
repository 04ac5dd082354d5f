import { Problem } from '@plinth/core';
import type { FastifyInstance } from 'fastify';

import { answerAsset, type Assets } from './assets.ts';
import { cacheControl } from './cache-presets.ts';
import type { Chassis } from './chassis.ts';
import { bodyTag, matchesNone } from './etag.ts';
import type { Exchange } from './exchange.ts';
import { textPolicy } from './security-headers.ts';
import { RoutedRequest } from './server.ts';

/** What is served beside the operations. */
export interface Pages {
  readonly openApi: string;
  problem(code: string): string | undefined;
  readonly assets: () => Assets | undefined;
  /** `/v1/invoices/:id` → the methods that it has. */
  readonly methods: ReadonlyMap<string, readonly string[]>;
}

const isFile = /\.[^/]*$/u;
/** Where the shell never answers. */
const reserved = /^\/(?:v1|rt|problems|assets|ops|healthz)(?:\/|$)/u;

export function addPages(app: FastifyInstance, chassis: Chassis, pages: Pages): void {
  const { answers, measures } = chassis;
  const openApiTag = bodyTag(pages.openApi);
  const openApiHead = [
    ...answers.common,
    'content-type',
    'application/json',
    'cache-control',
    cacheControl.publicApi,
    'etag',
    openApiTag,
  ];
  const openApiPlace = measures.place('/openapi.json', 'openapi');
  const problemPlace = measures.place('/problems/:code', 'problem page');
  app.get('/openapi.json', (request, reply) => {
    reply.hijack();
    const exchange = exchangeOf(request.raw);
    exchange.place = openApiPlace;
    const isKnown =
      exchange.head.ifNoneMatch !== '' && matchesNone(exchange.head.ifNoneMatch, openApiTag);
    if (isKnown) answers.send(exchange, { status: 304, headers: openApiHead });
    else {
      const answer = { status: 200, headers: openApiHead, body: pages.openApi };
      chassis.compressor.send(exchange, answer, false);
    }
  });
  app.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    reply.hijack();
    const exchange = exchangeOf(request.raw);
    exchange.place = problemPlace;
    const page = pages.problem(request.params.code);
    if (page === undefined) answerMiss(chassis, pages, exchange);
    else {
      const head = [
        ...answers.common,
        'content-type',
        'text/html; charset=utf-8',
        'content-security-policy',
        textPolicy,
        'cache-control',
        cacheControl.publicApi,
      ];
      answers.send(exchange, { status: 200, headers: head, body: page });
    }
  });
}

/** The shell for what is a page, 405 for another method of a known path, else 404. */
export function answerMiss(chassis: Chassis, pages: Pages, exchange: Exchange): void {
  const { answers, measures } = chassis;
  const { method = '', url = '' } = exchange.request;
  const path = url.replace(/\?.*$/u, '');
  exchange.place ??= measures.unmatched;
  const assets = pages.assets();
  const shell = assets?.shell(exchange.head.cookie);
  if (shell !== undefined && isPage(exchange, method, path)) {
    const { status, headers, body } = answerAsset(shell, exchange.head);
    const link = assets?.linksOf(path);
    answers.send(exchange, {
      status,
      headers: [...withoutLength(headers), ...(link === undefined ? [] : ['link', link])],
      ...(body === undefined ? {} : { body }),
    });
    return;
  }
  const allowed = allowedMethods(pages.methods, path);
  if (allowed.length === 0) {
    const nothing = 'There is nothing at this address.';
    answers.problem(exchange, new Problem(nothing, { code: 'http.no_route', kind: 'notFound' }));
    return;
  }
  answers.fault(
    exchange,
    { status: 405, code: 'http.method', detail: `${method} is not answered here.`, close: false },
    ['allow', allowed.join(', ')],
  );
}

function isPage({ head }: Exchange, method: string, path: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return head.accept.includes('text/html') && !isFile.test(path) && !reserved.test(path);
}

/** Rarely asked, so a walk will do. */
function allowedMethods(
  patterns: ReadonlyMap<string, readonly string[]>,
  path: string,
): readonly string[] {
  const parts = path.split('/');
  for (const [pattern, methods] of patterns) {
    const own = pattern.split('/');
    if (own.length !== parts.length) continue;
    if (own.every((part, index) => part.startsWith(':') || part === parts[index])) return methods;
  }
  return [];
}

/** `answers.send` counts for itself. */
function withoutLength(headers: readonly string[]): string[] {
  const at = headers.indexOf('content-length');
  return at === -1 ? [...headers] : headers.toSpliced(at, 2);
}

function exchangeOf(raw: unknown): Exchange {
  const exchange = raw instanceof RoutedRequest ? raw.exchange : undefined;
  if (exchange === undefined) throw new TypeError('The request did not come through our server.');
  return exchange;
}
