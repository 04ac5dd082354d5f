import { Readable } from 'node:stream';

import type { Span, Telemetry } from '@plinth/core';
import { Problem } from '@plinth/core/problem';
import { Pool, type Dispatcher } from 'undici';

import type { CallContext, CallOptions, Pipeline, PipelineOptions } from '../options.ts';
import { pipeline } from '../pipeline.ts';
import { presets } from '../presets.ts';
import { injectedStatus } from '../transient.ts';
import {
  endingOf,
  readBody,
  resultOf,
  type HttpRequest,
  type HttpResult,
  type HttpStream,
} from './exchange.ts';
import { createObserver, type Observe } from './http-metrics.ts';
import { headersOf, isIdempotent, targetOf } from './request-head.ts';
import { isTransientStatus, StatusFailure } from './status-failure.ts';

const bytesMaxDefault = 16_777_216;
const unreadMsMax = 1_000;
/** A queue in front of the sockets would hide how long a call waits; the bulkhead is the only one. */
const connections = 128;
const connectMsMax = 2_000;
/** Shorter than any server's, so that no request meets a connection that is being closed. */
const keepAliveMs = 10_000;

export interface HttpClientOptions {
  readonly baseUrl: string;
  /** Default `presets.standard` by the name of the host. */
  readonly pipeline?: PipelineOptions;
  /** Default one pool for the origin: 128 connections, each with one request at a time. */
  readonly dispatcher?: Dispatcher;
  headers?(): Readonly<Record<string, string>>;
  readonly telemetry?: Telemetry;
}

export interface HttpClient {
  readonly pipeline: Pipeline;
  /**
   * The whole answer, whatever its status: one that may pass (408, 429, 500, 502, 503, 504) was repeated before.
   *
   * @throws {Problem} those of the pipeline; `resilience.response_too_large`. A network error as it is.
   */
  request(request: HttpRequest): Promise<HttpResult>;
  /** As soon as the head is there. A body that breaks later is the caller's: it is not asked again. */
  stream(request: HttpRequest): Promise<HttpStream>;
  close(): Promise<void>;
}

interface Needs {
  readonly dispatcher: Dispatcher;
  readonly basePath: string;
  readonly observe: Observe;
  headers(): Readonly<Record<string, string>>;
}

/** Calls of one origin: connections kept and bounded, deadline and trace sent along, all under a pipeline. */
export function httpClient(options: HttpClientOptions): HttpClient {
  const { origin, pathname, hostname } = new URL(options.baseUrl);
  const { telemetry } = options;
  const lane = pipeline({
    ...(options.pipeline ?? presets.standard(nameOf(hostname))),
    ...(telemetry === undefined ? {} : { telemetry }),
  });
  const dispatcher = options.dispatcher ?? createPool(origin);
  const needs: Needs = {
    dispatcher,
    basePath: pathname.replace(/\/$/u, ''),
    headers: options.headers ?? (() => ({})),
    observe: createObserver(telemetry?.meter, hostname),
  };
  return {
    pipeline: lane,
    request: (request) => send(needs, lane, request),
    stream: (request) => stream(needs, lane, request),
    async close() {
      lane.dispose();
      await dispatcher.close();
    },
  };
}

function createPool(origin: string): Pool {
  return new Pool(origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    connect: { timeout: connectMsMax },
  });
}

function nameOf(hostname: string): string {
  return `http.${hostname.toLowerCase().replaceAll(/[^a-z0-9.-]/gu, '-')}`.slice(0, 64);
}

async function send(needs: Needs, lane: Pipeline, request: HttpRequest): Promise<HttpResult> {
  const span = request.ctx?.span.child(`${request.method} ${request.path}`);
  try {
    const result = await lane.run(
      (context) => attempt(needs, request, context, span),
      callOptions(request, span),
    );
    end(span, result.status);
    return result;
  } catch (error) {
    return answerOf(error, span);
  }
}

async function stream(needs: Needs, lane: Pipeline, request: HttpRequest): Promise<HttpStream> {
  const span = request.ctx?.span.child(`${request.method} ${request.path}`);
  try {
    const head = await lane.run(
      async (context) => {
        const response = await exchange(needs, request, context, span);
        if (isTransientStatus(response.statusCode)) throw await failureOf(request, response);
        return response;
      },
      callOptions(request, span),
    );
    end(span, head.statusCode);
    return { status: head.statusCode, headers: head.headers, body: guardUnread(head.body) };
  } catch (error) {
    const { status, headers, body } = answerOf(error, span);
    return { status, headers, body: Readable.from([body]) };
  }
}

function callOptions(request: HttpRequest, span: Span | undefined): CallOptions {
  const { ctx, signal = ctx?.signal, deadlineMs = ctx?.deadline, once = false } = request;
  return {
    idempotent: isIdempotent(request),
    once,
    ...(signal === undefined ? {} : { signal }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(span === undefined ? {} : { span }),
    chaosScope: { route: `${request.method} ${request.path}` },
  };
}

async function attempt(
  needs: Needs,
  request: HttpRequest,
  context: CallContext,
  span: Span | undefined,
): Promise<HttpResult> {
  const response = await exchange(needs, request, context, span);
  if (isTransientStatus(response.statusCode)) throw await failureOf(request, response);
  return resultOf(response, await readBody(response, request.bytesMax ?? bytesMaxDefault));
}

async function failureOf(
  { bytesMax = bytesMaxDefault }: HttpRequest,
  response: Dispatcher.ResponseData,
): Promise<StatusFailure> {
  return new StatusFailure(resultOf(response, await readBody(response, bytesMax)));
}

async function exchange(
  needs: Needs,
  request: HttpRequest,
  context: CallContext,
  span: Span | undefined,
): Promise<Dispatcher.ResponseData> {
  const { dispatcher, basePath, observe } = needs;
  const { body, json } = request;
  const beganMs = performance.now();
  const response = await dispatcher.request({
    path: targetOf(basePath, request),
    method: request.method,
    headers: headersOf(request, context, { own: needs.headers(), span }),
    body:
      json === undefined
        ? ((typeof body === 'function' ? body() : body) ?? null)
        : JSON.stringify(json),
    signal: endingOf(context),
    // The pipeline ends it by the signal.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  observe(request.method, response.statusCode, performance.now() - beganMs);
  return response;
}

/** What the caller gets of a failure: the target's own answer where there is one. */
function answerOf(error: unknown, span: Span | undefined): HttpResult {
  if (error instanceof StatusFailure) {
    end(span, error.result.status);
    return error.result;
  }
  const status = injectedStatus(error);
  if (status !== undefined && error instanceof Problem) {
    end(span, status);
    const body = Buffer.from(JSON.stringify(error.context?.['body'] ?? error.toWire('internal')));
    return resultOf({ statusCode: status, headers: { 'content-type': 'application/json' } }, body);
  }
  span?.end('error');
  throw error;
}

function end(span: Span | undefined, status: number): void {
  if (span === undefined) return;
  span.attribute('http.response.status_code', status);
  span.end(status >= 500 ? 'error' : 'ok');
}

/** A connection whose answer nobody reads would be kept for ever. */
function guardUnread(body: Readable): Readable {
  const timer = setTimeout(() => {
    if (!body.readableDidRead) body.destroy();
  }, unreadMsMax);
  timer.unref();
  body.once('close', () => clearTimeout(timer));
  return body;
}
