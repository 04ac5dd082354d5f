import { randomInt } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  noTelemetry,
  Problem,
  type Clock,
  type Log,
  type NewId,
  type Telemetry,
} from '@plinth/core';

import { admit, checkChannelCount, refuse, type Request } from './admission.ts';
import type { Backplane, Follower, Placed, Who } from './backplane.ts';
import type { Auth } from './channel.ts';
import { createChannel } from './create-channel.ts';
import { defaultSettings, type RealtimeSettings } from './config.ts';
import { Connection } from './connection.ts';
import { eventFrame, heartbeatFrame } from './frame.ts';
import { Hub, type Resumption } from './hub.ts';
import { createMetrics, watchBackplane, type Metrics } from './metrics.ts';
import type { Realtime, RealtimeStats } from './realtime.ts';
import { Registry } from './registry.ts';

export interface RealtimeNeeds {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly telemetry?: Telemetry;
  readonly config?: Partial<RealtimeSettings>;
  /** Messages that name no position carry this one: a token of all that is committed by now. */
  readonly positionNow?: () => Promise<string | undefined>;
  /** Carries messages between processes; without it this one hears only its own. */
  readonly backplane?: Backplane;
}

const tickMs = 1_000;
const renewMs = 30_000;
const stuckMs = 10_000;
const browserRetryMs = 2_000;
const goodbyeMsMax = 10_000;
const goodbyesPerTick = 100;
const goodbyeTickMs = 100;

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** Live channels of this process, over server-sent events. */
export function createRealtime(needs: RealtimeNeeds): Realtime {
  return new LocalRealtime(needs);
}

class LocalRealtime implements Realtime {
  readonly #needs: RealtimeNeeds;
  readonly #settings: RealtimeSettings;
  readonly #metrics: Metrics;
  readonly #hub = new Hub();
  readonly #registry = new Registry();
  readonly #connections = new Map<string, Connection>();
  readonly #stopTimers: readonly (() => void)[];
  #isDraining = false;

  constructor(needs: RealtimeNeeds) {
    this.#needs = needs;
    this.#settings = { ...defaultSettings, ...needs.config };
    this.#metrics = createMetrics(needs.telemetry ?? noTelemetry, () => this.stats());
    const { clock } = needs;
    if (needs.backplane !== undefined) {
      watchBackplane(needs.telemetry ?? noTelemetry, needs.backplane);
      needs.backplane.follow(this.#follower());
    }
    this.#stopTimers = [
      clock.every(tickMs, () => this.#tick()),
      clock.every(this.#settings.heartbeatMs, () => this.#beat()),
    ];
  }

  readonly channel: Realtime['channel'] = (contract) => {
    const pattern = this.#registry.add(contract);
    const { clock, positionNow, backplane } = this.#needs;
    const needs = { hub: this.#hub, clock, metrics: this.#metrics, positionNow, backplane };
    return createChannel(contract, pattern, needs);
  };

  sse(request: IncomingMessage, response: ServerResponse, auth: Auth): void {
    let asked: Request;
    try {
      asked = admit(request, auth, {
        settings: this.#settings,
        connections: this.#connections.values(),
        isDraining: this.#isDraining,
      });
    } catch (error) {
      refuse(response, Problem.from(error));
      return;
    }
    const connection = this.#open(response, auth);
    this.#begin(connection, asked).catch((error: unknown) => {
      this.#needs.log.error('realtime.connect_failed', error);
      connection.destroy();
    });
  }

  /** The head leaves before anything is waited for: the browser sees an open connection at once. */
  #open(response: ServerResponse, auth: Auth): Connection {
    const { clock, newId } = this.#needs;
    response.writeHead(200, streamHeaders);
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    response.write(`retry: ${browserRetryMs}\n\n`);
    const connection = new Connection({
      id: newId(),
      auth,
      response,
      metrics: this.#metrics,
      sinceMs: clock.now(),
      mono: () => clock.mono(),
    });
    this.#connections.set(connection.id, connection);
    response.once('close', () => {
      connection.ended();
      this.#connections.delete(connection.id);
      for (const channel of connection.channels) this.#hub.leave(connection, channel);
    });
    return connection;
  }

  async #begin(connection: Connection, { channels, cursor }: Request): Promise<void> {
    const refusals = await this.#refusalsOf(channels, connection.auth);
    if (connection.isEnded) return;
    // From here to the end in one turn: what is published meanwhile comes behind the replay.
    const allowed = new Set(channels.filter((name) => !refusals.has(name)));
    const isFollowed = this.#needs.backplane !== undefined;
    const resumption = this.#hub.resume(cursor, allowed, isFollowed);
    const isResumed = resumption.kind === 'replay' || resumption.kind === 'ahead';
    const hello = {
      conn: connection.id,
      epoch: this.#hub.epoch,
      heartbeatMs: this.#settings.heartbeatMs,
      resumed: isResumed,
    };
    connection.tell(eventFrame('hello', hello, isResumed ? cursor : this.#hub.cursor));
    this.#deny(connection, refusals);
    this.#catchUp(connection, resumption, allowed);
    for (const name of allowed) this.#hub.join(connection, name);
  }

  #catchUp(connection: Connection, resumption: Resumption, channels: ReadonlySet<string>): void {
    if (resumption.kind === 'replay') {
      for (const entry of resumption.entries) connection.tell(entry.frame);
      this.#metrics.messages.add(resumption.entries.length, { dir: 'out' });
    }
    if (resumption.kind === 'ahead') connection.seenOffset = resumption.offset;
    if (resumption.kind === 'reset') {
      const { why } = resumption;
      connection.tell(eventFrame('reset', { channels: [...channels], why }));
      this.#metrics.reset.add(1, { why });
    }
  }

  async #refusalsOf(channels: readonly string[], auth: Auth): Promise<Map<string, Problem>> {
    const answers = await Promise.all(
      channels.map(async (name) => [name, await this.#registry.refusal(name, auth)] as const),
    );
    const refusals = new Map<string, Problem>();
    for (const [name, problem] of answers) if (problem !== undefined) refusals.set(name, problem);
    return refusals;
  }

  #deny(connection: Connection, refusals: ReadonlyMap<string, Problem>): void {
    for (const [ch, problem] of refusals) {
      connection.tell(eventFrame('deny', { ch, problem: problem.toWire('public') }));
    }
  }

  async setChannels(id: string, channels: readonly string[], auth: Auth): Promise<boolean> {
    checkChannelCount(channels);
    const connection = this.#connections.get(id);
    const isOwn =
      connection?.auth.session === auth.session &&
      connection.auth.user === auth.user &&
      connection.auth.tenant === auth.tenant;
    if (connection === undefined || !isOwn) return false;
    const added = channels.filter((name) => !connection.channels.has(name));
    const refusals = await this.#refusalsOf(added, auth);
    if (connection.isEnded) return false;
    const wanted = new Set(channels);
    for (const name of connection.channels) {
      if (!wanted.has(name)) this.#hub.leave(connection, name);
    }
    for (const name of added) if (!refusals.has(name)) this.#hub.join(connection, name);
    this.#deny(connection, refusals);
    return true;
  }

  revoke(who: Who, why: 'revoked' | 'expired' = 'revoked'): number {
    void this.#needs.backplane?.revoke(who, why);
    return this.#cut(who, why);
  }

  #cut(who: Who, why: 'revoked' | 'expired'): number {
    const found = [...this.#connections.values()].filter(({ auth }) =>
      'session' in who ? auth.session === who.session : auth.user === who.user,
    );
    for (const connection of found) connection.close(why === 'expired' ? 4005 : 4004, 0);
    return found.length;
  }

  #follower(): Follower {
    const hub = this.#hub;
    const resetAll = (why: 'gone' | 'epoch') => {
      hub.resetAll(this.#connections.values(), why);
      this.#metrics.reset.add(1, { why });
    };
    return {
      begin: (epoch: string, window: readonly Placed[]) => {
        hub.begin(epoch, window);
        resetAll('epoch');
      },
      receive: (placed) => void hub.receive(placed),
      show: (message) => void hub.show(message),
      revoke: (who, why) => void this.#cut(who, why),
      reset: () => resetAll('gone'),
    };
  }

  disconnect(id: string): boolean {
    const connection = this.#connections.get(id);
    connection?.close(4012, randomInt(goodbyeMsMax));
    return connection !== undefined;
  }

  stats(): RealtimeStats {
    const all = [...this.#connections.values()];
    return {
      connections: all.length,
      users: new Set(all.map(({ auth }) => auth.user)).size,
      channels: this.#hub.channelCount,
      backlogBytes: all.reduce((sum, one) => sum + one.backlogBytes, 0),
    };
  }

  async drain(
    deadlineMs: number = this.#settings.drainMs,
  ): Promise<{ finished: number; cancelled: number }> {
    const { clock } = this.#needs;
    this.#isDraining = true;
    for (const stop of this.#stopTimers) stop();
    const all = [...this.#connections.values()];
    const endMs = clock.mono() + deadlineMs;
    const { signal } = new AbortController();
    for (let at = 0; at < all.length; at += goodbyesPerTick) {
      for (const one of all.slice(at, at + goodbyesPerTick)) {
        one.close(4012, randomInt(goodbyeMsMax));
      }
      if (at + goodbyesPerTick < all.length) await clock.sleep(goodbyeTickMs, signal);
    }
    while (this.#connections.size > 0 && clock.mono() < endMs) await clock.sleep(10, signal);
    const cancelled = this.#connections.size;
    for (const one of this.#connections.values()) one.destroy();
    return { finished: all.length - cancelled, cancelled };
  }

  async stop(): Promise<void> {
    await this.#needs.backplane?.stop();
  }

  /** Sessions that end, and readers that take nothing. */
  #tick(): void {
    const now = this.#needs.clock.now();
    const mono = this.#needs.clock.mono();
    for (const one of this.#connections.values()) {
      const { expiresMs } = one.auth;
      if (one.isEnded) continue;
      if (now >= expiresMs) one.close(4005, 0);
      else if (one.stuckSinceMs !== undefined && mono - one.stuckSinceMs >= stuckMs) {
        one.close(4008, browserRetryMs);
      } else if (!one.isRenewing && now >= expiresMs - renewMs) {
        one.isRenewing = true;
        one.tell(eventFrame('renew', { expiresMs }));
      }
    }
  }

  #beat(): void {
    for (const one of this.#connections.values()) {
      if (one.stuckSinceMs === undefined) one.tell(heartbeatFrame);
    }
  }
}
