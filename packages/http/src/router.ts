import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type HTTPMethods,
} from 'fastify';
import type { Server } from 'node:http';

import type { HttpMapping, Module, Operation } from '@plinth/contract';
import { Problem, type Ctx } from '@plinth/core';

import type { Caller } from './caller.ts';
import type { Chassis } from './chassis.ts';
import type { Exchange } from './exchange.ts';
import { runExport, type ExportSlots } from './export-route.ts';
import { parseJson } from './json-body.ts';
import {
  compileRoute,
  failureOf,
  type Call,
  type KeptVersion,
  type OperationRoute,
} from './compile-route.ts';
import { runOperation } from './operation-route.ts';
import { addPages, answerMiss, type Pages } from './pages.ts';
import type { Parts } from './input-mapping.ts';
import { createContext } from './request-context.ts';
import { RoutedRequest, type Listener } from './server.ts';
import { runUpload } from './upload-route.ts';

/** A module and what answers for it: in this process, or reached from here. */
export interface BoundModule {
  readonly module: Module;
  /** `Client<typeof module>`. */
  readonly client: object;
  /** By query: 304 is answered from them, without a call. */
  readonly keptVersions?: Readonly<Record<string, KeptVersion>>;
}

/** What a route outside the contracts gets: steps 1 to 11 are behind it. */
export interface RouteCall {
  readonly ctx: Ctx;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly request: RoutedRequest;
  readonly response: Exchange['response'];
}

/** A route that no contract has: server-sent events, beacons. */
export interface ExtraRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/rt/:conn/channels` */
  readonly path: `/${string}`;
  /** `'public'`, `'session'` for anyone signed in, or one of identity's. */
  readonly permission: string;
  /** Stays open: not counted as in flight, no deadline. */
  readonly stream?: true;
  run(call: RouteCall): void | Promise<void>;
}

export interface RouterNeeds {
  readonly chassis: Chassis & { readonly exports: ExportSlots };
  readonly modules: readonly BoundModule[];
  readonly extraRoutes: readonly ExtraRoute[];
  readonly pages: Pages;
  readonly bodyBytesMax: number;
  makeServer(handler: Listener): Server;
}

type Run = (exchange: Exchange, parts: Parts) => void | Promise<void>;
const openStreamMs = 86_400_000;

/** Fastify for what it is good at, finding the route and reading the body; all else is precompiled here. */
export async function createRouter(needs: RouterNeeds): Promise<FastifyInstance> {
  const { chassis, modules, extraRoutes, pages } = needs;
  const app = fastify({
    serverFactory: (handler) => needs.makeServer((request, response) => handler(request, response)),
    // The server has its own: Fastify would answer a second time.
    clientErrorHandler: () => {},
    logger: false,
    bodyLimit: needs.bodyBytesMax,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    requestIdHeader: false,
    routerOptions: { querystringParser: rawQuery, maxParamLength: 400 },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    parseJson(body, done),
  );
  app.setErrorHandler((error, request, reply) => {
    reply.hijack();
    chassis.answers.problem(exchangeOf(request), toProblem(chassis, error));
  });
  app.setNotFoundHandler((request, reply) => {
    reply.hijack();
    answerMiss(chassis, pages, exchangeOf(request));
  });
  for (const { module, client, keptVersions } of modules) {
    for (const [name, operation] of Object.entries(module.operations)) {
      const { http } = operation;
      if (http === undefined) continue;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a client has one call for each operation
      const call = (client as Record<string, Call>)[name];
      if (call === undefined) throw new TypeError(`${module.name}.${name} is not bound.`);
      const route = compileRoute(chassis, operation, {
        name: `${module.name}.${name}`,
        http,
        call,
        keptVersion: keptVersions?.[name],
      });
      addOperation(app, needs, { route, operation, http });
    }
  }
  for (const extra of extraRoutes) addExtra(app, needs, extra);
  addPages(app, chassis, pages);
  await app.ready();
  return app;
}

function addOperation(
  app: FastifyInstance,
  { chassis }: RouterNeeds,
  {
    route,
    operation,
    http,
  }: {
    readonly route: OperationRoute;
    readonly operation: Operation;
    readonly http: HttpMapping;
  },
): void {
  const { upload } = http;
  const path = `/v1${http.path}`;
  if (upload !== undefined) {
    const { uploads } = chassis;
    if (uploads === undefined) throw new TypeError(`${path} takes files, and there is no store.`);
    const withUploads = { ...chassis, uploads };
    add(app, chassis, { method: http.method, path, route, isRaw: true }, (exchange, parts) =>
      runUpload(withUploads, route, exchange, { parts, rules: upload }),
    );
    return;
  }
  const run: Run =
    operation.type === 'stream'
      ? (exchange, parts) => runExport(chassis, route, exchange, parts)
      : (exchange, parts) => runOperation(chassis, route, exchange, parts);
  add(app, chassis, { method: http.method, path, route }, run);
}

function addExtra(app: FastifyInstance, { chassis }: RouterNeeds, extra: ExtraRoute): void {
  const place = chassis.measures.place(extra.path, `extra ${extra.path}`);
  add(app, chassis, { method: extra.method, path: extra.path }, async (exchange, parts) => {
    exchange.place = place;
    const caller = await chassis.gate.admit(exchange, extra.permission);
    const { request, response } = exchange;
    const isOpen = extra.stream === true;
    exchange.deadlineMs = chassis.clock.mono() + (isOpen ? openStreamMs : chassis.deadlineMs);
    exchange.isStream = isOpen;
    if (isOpen && exchange.isCounted) {
      exchange.isCounted = false;
      chassis.admission.leave();
    }
    const { common } = chassis.answers;
    for (let at = 0; at < common.length; at += 2) {
      response.setHeader(common[at] ?? '', common[at + 1] ?? '');
    }
    if (!(request instanceof RoutedRequest)) return;
    const ctx = createContext(chassis, exchange, caller);
    const query = new URLSearchParams(parts.query);
    await extra.run({
      ctx,
      caller,
      query,
      request,
      response,
      params: parts.params,
      body: parts.body,
    });
  });
}

function add(
  app: FastifyInstance,
  chassis: Chassis,
  at: {
    readonly method: HTTPMethods;
    readonly path: string;
    readonly route?: OperationRoute;
    /** The body is the route's own business. */
    readonly isRaw?: boolean;
  },
  run: Run,
): void {
  const { route } = at;
  const fail = (exchange: Exchange, error: unknown) =>
    chassis.answers.problem(exchange, error, route === undefined ? {} : failureOf(route, error));
  const answer = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    const exchange = exchangeOf(request);
    exchange.step = 'run';
    if (route !== undefined) exchange.place = route.place;
    exchange.bytesIn = at.isRaw === true ? 0 : Number(exchange.head.contentLength);
    try {
      const running = run(exchange, partsOf(request));
      if (running instanceof Promise) running.catch((error: unknown) => fail(exchange, error));
    } catch (error) {
      fail(exchange, error);
    }
  };
  // HEAD is GET without its body, which node leaves out by itself.
  const method = at.method === 'GET' ? ['GET', 'HEAD'] : at.method;
  if (at.isRaw !== true) {
    app.route({ method, url: at.path, handler: answer });
    return;
  }
  void app.register(async (raw) => {
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
    raw.route({ method, url: at.path, handler: answer });
  });
}

/** The mapping reads it: Fastify's parser would make an object that is read once and thrown away. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- handed through to request.query as it is
const rawQuery = (text: string) => text as unknown as Record<string, unknown>;

function partsOf({ params, query, body }: FastifyRequest): Parts {
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the router's parameters are texts
    params: params as Record<string, string>,
    query: typeof query === 'string' ? query : '',
    body,
  };
}

function exchangeOf({ raw }: FastifyRequest): Exchange {
  const exchange = raw instanceof RoutedRequest ? raw.exchange : undefined;
  if (exchange === undefined) throw new TypeError('The request did not come through our server.');
  return exchange;
}

/** What Fastify refuses by itself, as Problems of ours. */
function toProblem({ measures }: Chassis, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      measures.reject('body_too_large');
      return new Problem('The body is too large.', {
        code: 'http.body_too_large',
        kind: 'tooLarge',
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Problem('The body is JSON: application/json.', {
        code: 'http.unsupported_type',
        kind: 'unsupported',
      });
    default:
      return Problem.from(error);
  }
}
