import { Problem, type Clock, type Position } from '@plinth/core';

import type { Backplane } from './backplane.ts';
import type { Channel, ChannelContract } from './channel.ts';
import type { Hub } from './hub.ts';
import type { Metrics } from './metrics.ts';
import type { Pattern } from './pattern.ts';

interface Needs {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** A token that covers all that was committed until now, where a reader could be sent to a replica. */
  readonly positionNow: (() => Promise<string | undefined>) | undefined;
  readonly backplane: Backplane | undefined;
}

export function createChannel<message>(
  contract: ChannelContract<message>,
  pattern: Pattern,
  { hub, clock, metrics, positionNow, backplane }: Needs,
): Channel<message> {
  const fanoutSeconds = metrics.fanoutSeconds.bind({});
  return {
    async publish(params, message, options = {}) {
      const { tx, position, except } = options;
      const channel = pattern.fill(params);
      const parsed = contract.schema.safeParse(message);
      if (!parsed.success) throw badMessage(channel, parsed.error);
      const key = contract.coalesce?.(parsed.data) ?? null;
      const send = async () => {
        const startedMs = clock.mono();
        metrics.messages.add(1, { dir: 'in' });
        // Whoever hears of a change asks for it at once: no replica may answer that it never happened.
        const told = textOf(position) ?? (await positionNow?.());
        const sent = { channel, key, body: parsed.data, position: told, except };
        await (backplane === undefined ? hub.publish(sent) : backplane.append(sent));
        fanoutSeconds.observe((clock.mono() - startedMs) / 1_000);
      };
      if (tx === undefined) await send();
      else tx.after(() => void send());
    },
    async presence(params) {
      const since = new Map<string, number>();
      for (const { auth, sinceMs } of hub.readersOf(pattern.fill(params))) {
        since.set(auth.user, Math.min(since.get(auth.user) ?? sinceMs, sinceMs));
      }
      return [...since].map(([user, ms]) => ({ user, since: new Date(ms).toISOString() }));
    },
  };
}

/** A token goes as it is; a position that no key ring has signed only tells what to wait for. */
function textOf(position: Position | string | undefined): string | undefined {
  if (position === undefined || typeof position === 'string') return position;
  return `${position.cluster}:${position.timeline}:${position.lsn}`;
}

/** @param kind whose fault it is: ours, or of a client that spoke. */
export function badMessage(
  channel: string,
  cause: unknown,
  kind: 'internal' | 'invalid' = 'internal',
): Problem {
  return new Problem(`The message does not fit the schema of ${channel}.`, {
    code: 'realtime.bad_message',
    kind,
    cause,
  });
}
