import type { FastifyInstance } from 'fastify';
import type { Server } from 'node:http';

import { renderOpenApi } from '@plinth/contract/openapi';
import type { Part, Phase } from '@plinth/core';

import { createAdmission, type Admission } from './admission.ts';
import { loadAssets, readBuild, type Assets } from './assets.ts';
import type { Chassis } from './chassis.ts';
import { createTrustedPeers, isLoopback } from './client-address.ts';
import type { Exchange } from './exchange.ts';
import { createFront } from './front.ts';
import { watchLoopDelay } from './loop-delay.ts';
import { createProblemPages } from './problem-pages.ts';
import { createChassis, type HttpOptions } from './create-chassis.ts';
import { createRouter } from './router.ts';
import { listen } from './listen.ts';
import { createHttpServer, type Listener } from './server.ts';
import { createShedding } from './shedding.ts';
import { watchTime } from './time-limits.ts';

export interface Http extends Part {
  /** Once started. */
  readonly fastify: FastifyInstance;
  /** `http://127.0.0.1:3000` */
  address(): string;
  /** Requests whose answers have not ended. */
  inFlight(): number;
  /** How many are admitted at once now. */
  limit(): number;
}

const adaptMs = 100;

/**
 * The HTTP listener of a process: routes from contracts, with all that stands between a socket and an operation.
 *
 * @throws {TypeError} from `start` for a contract that cannot be answered right; `http.listen` (unavailable) for a
 * port that is taken.
 */
export function createHttp(options: HttpOptions): Http {
  return new HttpPart(options);
}

class HttpPart implements Http {
  readonly name = 'http';
  readonly needs: readonly string[] = ['database', 'keys'];
  readonly #options: HttpOptions;
  readonly #inFlight = new Set<Exchange>();
  readonly #admission: Admission;
  readonly #hosts = new Set<string>();
  readonly #origins = new Set<string>();
  #assets: Assets | undefined;
  #app: FastifyInstance | undefined;
  #server: Server | undefined;
  #phase: Phase = 'starting';
  #ends: (() => void)[] = [];

  constructor(options: HttpOptions) {
    this.#options = options;
    const { config, clock } = options;
    this.#admission = createAdmission({
      shedDelayMs: config.shedDelayMs,
      nowMs: () => clock.mono(),
    });
  }

  get fastify(): FastifyInstance {
    if (this.#app === undefined) throw new TypeError('The listener has not started.');
    return this.#app;
  }

  address(): string {
    const address = this.#server?.address();
    if (typeof address !== 'object' || address === null) return '';
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  }

  inFlight(): number {
    return this.#inFlight.size;
  }

  limit(): number {
    return this.#admission.limit;
  }

  async start(): Promise<void> {
    const { options, isHttps } = this.#facts();
    const build = options.assets === undefined ? undefined : await readBuild(options.assets);
    const chassis = createChassis(options, {
      build,
      isHttps,
      admission: this.#admission,
      origins: this.#origins,
      isDraining: () => this.#phase === 'draining',
    });
    if (options.assets !== undefined) {
      this.#assets = await loadAssets(options.assets, chassis.answers.common);
    }
    let route: Listener | undefined;
    const front = this.#createFront(chassis, (request, response) => route?.(request, response));
    this.#app = await createRouter({
      chassis,
      modules: options.modules,
      extraRoutes: options.extraRoutes ?? [],
      bodyBytesMax: options.config.bodyBytesMax,
      pages: this.#pages(),
      makeServer: (handler) => {
        route = handler;
        return createHttpServer(front, {
          limits: chassis.limits,
          connectionsMax: options.config.connectionsMax,
        });
      },
    });
    this.#server = this.#app.server;
    await listen(this.#server, options.config);
    this.#nameHosts();
    this.#watch(chassis);
    this.#phase = 'ready';
  }

  /** No new connection; those in use end with their answer. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#phase = 'draining';
    const server = this.#server;
    if (server === undefined) return;
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    const onAbort = () => closed.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await closed.promise;
    signal.removeEventListener('abort', onAbort);
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#phase = 'stopped';
    this.#server?.close();
    this.#server?.closeAllConnections();
    await this.#app?.close();
  }

  #facts() {
    const { config } = this.#options;
    const isHttps = config.origins.some((origin) => origin.startsWith('https:'));
    if (!isHttps && config.origins.length > 0 && !isLoopback(config.listen)) {
      this.#options.log.warn('http.plain_cookies', { listen: config.listen });
    }
    return { options: this.#options, isHttps: isHttps || !isLoopback(config.listen) };
  }

  #createFront(chassis: Chassis, route: Listener): Listener {
    const { config, telemetry, keys, sessions, newId } = this.#options;
    return createFront({
      chassis,
      telemetry,
      newId,
      hosts: this.#hosts,
      inFlight: this.#inFlight,
      assets: () => this.#assets,
      phase: () => this.#readyPhase(),
      peers: createTrustedPeers(config.trustProxy),
      route: () => route,
      shedding: createShedding({
        admission: this.#admission,
        common: chassis.answers.common,
        cookies: chassis.cookies,
        keys,
        sessions,
        onShed: () => chassis.measures.reject('shed'),
      }),
    });
  }

  /** The process's phase, but never ready before this listener is. */
  #readyPhase(): Phase {
    return this.#phase === 'ready' ? (this.#options.phase?.() ?? 'ready') : this.#phase;
  }

  #pages() {
    const modules = this.#options.modules.map(({ module }) => module);
    const methods = new Map<string, string[]>();
    for (const { operations } of modules) {
      for (const { http } of Object.values(operations)) {
        if (http === undefined) continue;
        const pattern = `/v1${http.path}`;
        methods.set(pattern, [...(methods.get(pattern) ?? []), http.method]);
      }
    }
    return {
      methods,
      openApi: renderOpenApi(modules),
      problem: createProblemPages(modules),
      assets: () => this.#assets,
    };
  }

  /** Known only now where the port was any free one. */
  #nameHosts(): void {
    const { config } = this.#options;
    const port = new URL(this.address()).port;
    const loopback = ['localhost', '127.0.0.1', '[::1]'].map((host) => `${host}:${port}`);
    for (const host of config.hosts.length > 0 ? config.hosts : loopback) {
      this.#hosts.add(host.toLowerCase());
    }
    const own = loopback.map((host) => `http://${host}`);
    for (const origin of config.origins.length > 0 ? config.origins : own) {
      this.#origins.add(origin);
    }
  }

  #watch({ answers, limits, clock, measures }: Chassis): void {
    const { poolWaitMs = () => 0 } = this.#options;
    const delay = watchLoopDelay(clock);
    const inFlight = this.#inFlight;
    this.#ends = [
      delay.stop,
      clock.every(adaptMs, () =>
        this.#admission.adapt({ loopDelayMs: delay.take(), poolWaitMs: poolWaitMs() }),
      ),
      watchTime({ inFlight, answers, limits, clock, onTimeout: () => measures.reject('timeout') }),
    ];
  }
}
