import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  noTelemetry,
  Problem,
  type Clock,
  type Log,
  type NewId,
  type Telemetry,
} from '@plinth/core';

import {
  admit,
  checkChannelCount,
  checkOrigin,
  checkRoom,
  refuse,
  toRequest,
  type Request,
  type Room,
} from './admission.ts';
import type { Backplane, Follower, Placed, Who } from './backplane.ts';
import type { Auth } from './channel.ts';
import { badMessage, createChannel } from './create-channel.ts';
import { defaultSettings, type RealtimeSettings } from './config.ts';
import { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import { acceptSocket, checkHandshake } from './handshake.ts';
import { Hub, type Resumption } from './hub.ts';
import { createMetrics, watchBackplane, type Metrics } from './metrics.ts';
import type { Realtime, RealtimeStats } from './realtime.ts';
import { Registry } from './registry.ts';
import { SocketWire } from './socket-wire.ts';
import { listenTo, socketChannelsMax } from './socket-words.ts';
import { SseWire } from './sse-wire.ts';
import type { Wire } from './wire.ts';

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
/** For who comes while there is no room, or the process ends. */
const comeBackMs = 5_000;

/** Live channels of this process, over server-sent events and WebSockets. */
export function createRealtime(needs: RealtimeNeeds): Realtime {
  return new LocalRealtime(needs);
}

class LocalRealtime implements Realtime {
  readonly #needs: RealtimeNeeds;
  readonly #settings: RealtimeSettings;
  readonly #metrics: Metrics;
  readonly #hub = new Hub();
  readonly #registry = new Registry();
  readonly #connections: Connections;
  readonly #stopTimers: readonly (() => void)[];
  #isDraining = false;

  constructor(needs: RealtimeNeeds) {
    this.#needs = needs;
    this.#settings = { ...defaultSettings, ...needs.config };
    this.#metrics = createMetrics(needs.telemetry ?? noTelemetry, () => this.stats());
    const { clock } = needs;
    this.#connections = new Connections(clock);
    if (needs.backplane !== undefined) {
      watchBackplane(needs.telemetry ?? noTelemetry, needs.backplane);
      needs.backplane.follow(this.#follower());
    }
    this.#stopTimers = [
      clock.every(tickMs, () => this.#connections.tick()),
      clock.every(this.#settings.heartbeatMs, () => void this.#connections.beat()),
    ];
  }

  readonly channel: Realtime['channel'] = (contract) => {
    const pattern = this.#registry.add(contract);
    const { clock, positionNow, backplane } = this.#needs;
    const needs = { hub: this.#hub, clock, metrics: this.#metrics, positionNow, backplane };
    const channel = createChannel(contract, pattern, needs);
    if (contract.clientMay === 'publish') {
      this.#registry.letSpeak(pattern, async (params, message, except) => {
        const parsed = contract.schema.safeParse(message);
        if (!parsed.success) throw badMessage(pattern.text, parsed.error, 'invalid');
        await channel.publish(params, parsed.data, { except });
      });
    }
    return channel;
  };

  sse(request: IncomingMessage, response: ServerResponse, auth: Auth): void {
    let asked: Request;
    try {
      asked = admit(request, auth, this.#room());
    } catch (error) {
      refuse(response, Problem.from(error));
      return;
    }
    this.#start(this.#open(new SseWire(response), auth), asked);
  }

  ws(request: IncomingMessage, response: ServerResponse, auth: Auth): void {
    let asked: Request;
    try {
      checkHandshake(request);
      checkOrigin(request, this.#settings);
      asked = toRequest(request, socketChannelsMax);
    } catch (error) {
      refuse(response, Problem.from(error));
      return;
    }
    const socket = acceptSocket(request, response);
    if (socket === undefined) return;
    const { clock, log } = this.#needs;
    const wire = new SocketWire(socket, () => clock.mono());
    const full = this.#closeCode(auth);
    if (full !== undefined) {
      // A page sees no status of a socket that never opened: it is told on the open one.
      wire.tell({ name: 'bye', data: { code: full, retryMs: comeBackMs } });
      wire.end(full);
      return;
    }
    const connection = this.#open(wire, auth);
    listenTo(wire, connection, { hub: this.#hub, registry: this.#registry, log });
    this.#start(connection, asked);
  }

  #room(): Room {
    const crowd = (auth: Auth) => this.#connections.crowd(auth);
    return { settings: this.#settings, isDraining: this.#isDraining, crowd };
  }

  #closeCode(auth: Auth): 4009 | 4012 | undefined {
    try {
      checkRoom(auth, this.#room());
      return undefined;
    } catch {
      return this.#isDraining ? 4012 : 4009;
    }
  }

  #open(wire: Wire, auth: Auth): Connection {
    const { clock, newId } = this.#needs;
    const mono = () => clock.mono();
    const opened = { id: newId(), auth, wire, metrics: this.#metrics, sinceMs: clock.now(), mono };
    const connection = new Connection(opened);
    this.#connections.add(connection);
    wire.onClosed(() => {
      connection.ended();
      this.#connections.remove(connection);
      for (const channel of connection.channels) this.#hub.leave(connection, channel);
    });
    return connection;
  }

  #start(connection: Connection, asked: Request): void {
    this.#begin(connection, asked).catch((error: unknown) => {
      this.#needs.log.error('realtime.connect_failed', error);
      connection.destroy();
    });
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
    connection.tell({
      name: 'hello',
      data: hello,
      cursor: isResumed ? cursor : this.#hub.cursor,
    });
    this.#deny(connection, refusals);
    this.#catchUp(connection, resumption, allowed);
    for (const name of allowed) this.#hub.join(connection, name);
  }

  #catchUp(connection: Connection, resumption: Resumption, channels: ReadonlySet<string>): void {
    if (resumption.kind === 'replay') {
      for (const entry of resumption.entries) connection.replay(entry);
      this.#metrics.messages.add(resumption.entries.length, { dir: 'out' });
    }
    // What is on its way to the others already, and was in the replay.
    connection.seenOffset = resumption.kind === 'ahead' ? resumption.offset : this.#hub.tail;
    if (resumption.kind === 'reset') {
      const { why } = resumption;
      connection.tell({ name: 'reset', data: { channels: [...channels], why } });
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
      connection.tell({ name: 'deny', data: { ch, problem: problem.toWire('public') } });
    }
  }

  async setChannels(id: string, channels: readonly string[], auth: Auth): Promise<boolean> {
    checkChannelCount(channels);
    const connection = this.#connections.find(id);
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
    return this.#connections.cut(who, why);
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
      revoke: (who, why) => void this.#connections.cut(who, why),
      reset: () => resetAll('gone'),
    };
  }

  disconnect(id: string): boolean {
    return this.#connections.disconnect(id);
  }

  stats(): RealtimeStats {
    let backlogBytes = 0;
    for (const one of this.#connections.values()) backlogBytes += one.backlogBytes;
    return {
      connections: this.#connections.size,
      sockets: this.#connections.socketCount,
      users: this.#connections.userCount,
      channels: this.#hub.channelCount,
      backlogBytes,
    };
  }

  drain(
    deadlineMs: number = this.#settings.drainMs,
  ): Promise<{ finished: number; cancelled: number }> {
    this.#isDraining = true;
    for (const stop of this.#stopTimers) stop();
    return this.#connections.drain(deadlineMs);
  }

  async stop(): Promise<void> {
    await this.#needs.backplane?.stop();
  }
}
