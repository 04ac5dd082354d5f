import type { ServerResponse } from 'node:http';

import type { NewId, Phase, Telemetry } from '@plinth/core';

import type { Answers } from './answer.ts';
import { answerAsset, type Assets } from './assets.ts';
import type { TrustedPeers } from './client-address.ts';
import type { Chassis } from './chassis.ts';
import { Exchange } from './exchange.ts';
import { readHead, type Head } from './head.ts';
import { checkHead, type Fault } from './head-rules.ts';
import { answerHealth } from './health-paths.ts';
import type { Listener, RoutedRequest } from './server.ts';
import type { Shedding } from './shedding.ts';

export interface FrontNeeds {
  readonly chassis: Chassis;
  readonly telemetry: Telemetry;
  readonly shedding: Shedding;
  readonly peers: TrustedPeers;
  readonly hosts: ReadonlySet<string>;
  readonly assets: () => Assets | undefined;
  readonly phase: () => Phase;
  readonly inFlight: Set<Exchange>;
  readonly newId: NewId;
  /** Fastify's handler. */
  readonly route: () => Listener;
}

const idForm = /^[A-Za-z0-9-]{8,64}$/u;

/** All that a request passes before a router sees it: health, head rules, assets, admission, its id. */
export function createFront(needs: FrontNeeds): Listener {
  const { chassis, telemetry, shedding, hosts, phase } = needs;
  const { health } = telemetry;
  return (request, response) => {
    const url = request.url ?? '';
    if (url.startsWith('/healthz/') && answerHealth(url, response, { phase, health })) return;
    const head = checkHead(request, hosts, chassis.limits);
    if ('status' in head) {
      answerFault(needs, request, response, head);
      return;
    }
    if (sendAsset(needs, request, response, head)) return;
    if (!shedding.enter(request, response, head)) return;
    const exchange = begin(needs, request, response, head);
    if (exchange === undefined) {
      chassis.admission.leave();
      answerFault(needs, request, response, badForwarding);
      return;
    }
    request.exchange = exchange;
    needs.route()(request, response);
  };
}

const badForwarding: Fault = {
  status: 400,
  code: 'http.bad_forwarding',
  detail: 'X-Forwarded-For is not a chain of at most 16 addresses.',
  close: true,
};

function begin(
  needs: FrontNeeds,
  request: RoutedRequest,
  response: ServerResponse,
  head: Head,
): Exchange | undefined {
  const { chassis, telemetry, peers, inFlight } = needs;
  const peer = request.socket.remoteAddress ?? '';
  const isPeerTrusted = peers.has(peer);
  const ip = peers.clientOf(peer, head.forwardedFor);
  if (ip === undefined) return undefined;
  const exchange = new Exchange({
    request,
    response,
    head,
    ip,
    isPeerTrusted,
    reqId: isPeerTrusted && idForm.test(head.requestId) ? head.requestId : needs.newId(),
    startedMs: chassis.clock.mono(),
    span: telemetry.tracer.start('http.request', isPeerTrusted ? head.traceparent : undefined),
  });
  exchange.isCounted = true;
  exchange.bytesIn = 0;
  inFlight.add(exchange);
  response.on('close', () => end(needs, exchange));
  return exchange;
}

/** Once, whether the answer was taken, or the client or we cut it off. */
function end({ chassis, inFlight }: FrontNeeds, exchange: Exchange): void {
  inFlight.delete(exchange);
  if (exchange.isCounted) chassis.admission.leave();
  exchange.isCounted = false;
  const { response, controller, problem } = exchange;
  // A socket that a route took over goes on without its response.
  const isWhole = response.writableFinished || response.statusCode === switching;
  if (!isWhole && problem?.kind !== 'timeout') controller.abort();
  const status = isWhole || problem !== undefined ? response.statusCode : goneStatus;
  chassis.measures.finish(exchange, problem !== undefined && !isWhole ? problem.status : status);
}

const switching = 101;
/** The client went away: for the log alone. */
const goneStatus = 499;

/** @returns true where the path is a file of the build, or lies where only such files are. */
function sendAsset(
  { assets, chassis }: FrontNeeds,
  request: RoutedRequest,
  response: ServerResponse,
  head: Head,
): boolean {
  const { method, url = '' } = request;
  if (method !== 'GET' && method !== 'HEAD') return false;
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  const asset = assets()?.find(path);
  if (asset !== undefined) {
    const { status, headers, body } = answerAsset(asset, head);
    response.writeHead(status, [...headers]);
    response.end(body);
    return true;
  }
  if (!path.startsWith('/assets/')) return false;
  const text = 'There is no such file.\n';
  response.writeHead(404, [
    ...chassis.answers.common,
    'content-type',
    'text/plain',
    'cache-control',
    'no-store',
    'content-length',
    String(text.length),
  ]);
  response.end(text);
  return true;
}

function answerFault(
  needs: FrontNeeds,
  request: RoutedRequest,
  response: ServerResponse,
  fault: Fault,
): void {
  const { chassis, telemetry } = needs;
  const answers: Answers = chassis.answers;
  const head = readHead([]);
  if (typeof head === 'string') return;
  const exchange = new Exchange({
    request,
    response,
    head,
    ip: request.socket.remoteAddress ?? '',
    isPeerTrusted: false,
    reqId: needs.newId(),
    startedMs: chassis.clock.mono(),
    span: telemetry.tracer.start('http.request'),
  });
  answers.fault(exchange, fault);
  chassis.measures.finish(exchange, fault.status);
}
