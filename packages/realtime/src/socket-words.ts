import { Problem, type Log } from '@plinth/core';
import { z } from '@plinth/core/z';

import { checkChannelCount } from './admission.ts';
import type { Connection } from './connection.ts';
import type { Hub } from './hub.ts';
import type { Registry } from './registry.ts';
import type { SocketWire } from './socket-wire.ts';

export const socketChannelsMax = 64;

/** What a client may say over its socket. */
const Said = z.union([
  z.tuple([z.enum(['sub', 'unsub']), z.string()]),
  z.tuple([z.literal('pub'), z.string(), z.unknown(), z.int()]),
]);

interface Needs {
  readonly hub: Hub;
  readonly registry: Registry;
  readonly log: Log;
}

/** Does what the client says, one after the other; what it may not say ends the connection with 4011. */
export function listenTo(wire: SocketWire, connection: Connection, needs: Needs): void {
  let turn = Promise.resolve();
  wire.listen(
    (text) => {
      const said = Said.safeParse(parseJson(text));
      if (!said.success) {
        connection.close(4011, 0);
        return;
      }
      const [word, channel, message, number] = said.data;
      const work = async () => {
        if (connection.isEnded) return;
        if (word === 'sub') await subscribe(connection, channel, needs);
        else if (word === 'unsub') needs.hub.leave(connection, channel);
        else await publish(connection, { channel, message, number: number ?? 0 }, needs);
      };
      turn = turn.then(work).catch((error: unknown) => {
        needs.log.error('realtime.word_failed', error);
        connection.destroy();
      });
    },
    () => connection.close(4011, 0),
  );
}

async function subscribe(connection: Connection, channel: string, needs: Needs): Promise<void> {
  if (connection.channels.has(channel)) return;
  const problem =
    refusalOf(() => checkChannelCount([...connection.channels, channel], socketChannelsMax)) ??
    (await needs.registry.refusal(channel, connection.auth));
  if (connection.isEnded) return;
  if (problem === undefined) needs.hub.join(connection, channel);
  else {
    connection.tell({ name: 'deny', data: { ch: channel, problem: problem.toWire('public') } });
  }
}

/** To the others of a channel that it hears itself, where the channel's contract lets clients speak. */
async function publish(
  connection: Connection,
  said: { readonly channel: string; readonly message: unknown; readonly number: number },
  { registry }: Needs,
): Promise<void> {
  const { channel, message, number } = said;
  try {
    if (!connection.channels.has(channel)) throw notHeard(channel);
    await registry.publish(channel, message, connection.id);
    connection.tell({ name: 'ack', data: number });
  } catch (error) {
    const problem = Problem.from(error).toWire('public');
    connection.tell({ name: 'nack', data: number, problem });
  }
}

function refusalOf(check: () => void): Problem | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return Problem.from(error);
  }
}

function notHeard(channel: string): Problem {
  return new Problem(`Who speaks in ${channel} hears it too.`, {
    code: 'realtime.forbidden',
    kind: 'forbidden',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
