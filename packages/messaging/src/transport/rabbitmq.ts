import { Duplex } from 'node:stream';

import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';

import { brokerAway, within } from './broker-away.ts';
import {
  queueName,
  type Consumer,
  type ConsumeOptions,
  type Outbound,
  type Queue,
  type Transport,
} from './transport.ts';

const heartbeatSeconds = 5;
const connectMs = 5_000;
const confirmMs = 2_500;
const closeMs = 1_000;
const bindMs = 10_000;
const consumeMs = 5_000;
/** Of a page: longer than its confirms may take, shorter than the relay's session may be idle. */
const publishMs = 4_500;
const windowMax = 2_048;
/** Quorum: acknowledged when a majority has it. One reader at a time: a stopped one's messages go before newer. */
const queueOptions = {
  durable: true,
  arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
};

/**
 * RabbitMQ by AMQP 0-9-1: each message goes through the default exchange to the quorum queue
 * `{subscription}.{part}`, mandatory and confirmed.
 *
 * @throws {Error} on the first use where the optional package `amqplib` is not installed.
 */
export function createRabbitTransport(url: string): Transport {
  const publisher = createPublisher(url);
  const open = new Set<ChannelModel>();
  return {
    name: 'rabbitmq',
    boundAs: 'rabbitmq',
    publish: (page, signal) => publisher.publish(page, signal),
    async bind(queue) {
      const connection = await connect(url);
      try {
        await within(bindMs, remake(connection, queueName(queue)), () =>
          brokerAway('rabbitmq', `${queueName(queue)} is not declared within ${bindMs} ms.`),
        );
      } finally {
        await end(connection);
      }
      return undefined;
    },
    async consume(queue, options) {
      const connection = await connect(url);
      open.add(connection);
      connection.once('close', () => open.delete(connection));
      return startConsumer(connection, queueName(queue), options);
    },
    async close() {
      await Promise.all([publisher.close(), ...[...open].map(end)]);
    },
  };
}

/** A queue whose leader was lost near its declaration stays down for ever: only a new one heals it. */
async function remake(connection: ChannelModel, name: string): Promise<void> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  await channel.deleteQueue(name);
  await channel.assertQueue(name, queueOptions);
}

async function startConsumer(
  connection: ChannelModel,
  name: string,
  options: ConsumeOptions,
): Promise<Consumer> {
  let isOver = false;
  const finish = (why: 'missing' | 'away') => {
    if (isOver) return;
    isOver = true;
    void end(connection);
    options.onEnd(why);
  };
  connection.on('error', (error: unknown) => finish(isQueueFault(error) ? 'missing' : 'away'));
  connection.on('close', () => finish('away'));
  const stop = async () => {
    isOver = true;
    await end(connection);
  };
  try {
    const channel = await connection.createChannel();
    channel.on('error', (error: unknown) => finish(isQueueFault(error) ? 'missing' : 'away'));
    await channel.prefetch(options.credit);
    const onMessage = (message: Message | null) => {
      if (message === null) finish('missing');
      if (isOver || message === null) return;
      const ack = () => {
        if (!isOver) channel.ack(message);
      };
      options.onMessage({ body: message.content, ack });
    };
    await within(consumeMs, channel.consume(name, onMessage), silent);
  } catch (error) {
    finish(isQueueFault(error) || error === silence ? 'missing' : 'away');
  }
  return { cursor: () => undefined, stop };
}

/** The broker is there, the queue does not answer: its leader is lost. */
const silence = new Error('The queue does not answer.');
const silent = () => silence;

interface Publisher {
  publish(page: readonly Outbound[], signal: AbortSignal): Promise<Queue[]>;
  close(): Promise<void>;
}

function createPublisher(url: string): Publisher {
  let opening: Promise<{ connection: ChannelModel; channel: ConfirmChannel }> | undefined;

  const forget = () => {
    opening = undefined;
  };

  async function openChannel() {
    const connection = await connect(url);
    connection.on('error', forget);
    connection.on('close', forget);
    const channel = await connection.createConfirmChannel();
    channel.on('error', forget);
    channel.on('close', forget);
    return { connection, channel };
  }

  return {
    async publish(page, signal) {
      opening ??= openChannel();
      const mine = opening;
      try {
        return await within(publishMs, sendAll(mine, page, signal), tooLong);
      } catch (error) {
        if (opening === mine) opening = undefined;
        mine.then(({ connection }) => end(connection)).catch(() => undefined);
        throw brokerAway('rabbitmq', error);
      }
    },
    async close() {
      const mine = opening;
      opening = undefined;
      await mine?.then(({ connection }) => end(connection)).catch(() => undefined);
    },
  };
}

const tooLong = () => new Error('It took too long.');

async function sendAll(
  opening: Promise<{ readonly channel: ConfirmChannel }>,
  page: readonly Outbound[],
  signal: AbortSignal,
): Promise<Queue[]> {
  const { channel } = await opening;
  const refused = new Map<string, Queue>();
  for (let from = 0; from < page.length; from += windowMax) {
    signal.throwIfAborted();
    await send(channel, page.slice(from, from + windowMax), refused);
  }
  return [...refused.values()];
}

/** Waits for every confirm; what is returned, refused or unanswered is told by its queue. */
async function send(
  channel: ConfirmChannel,
  page: readonly Outbound[],
  refused: Map<string, Queue>,
): Promise<void> {
  const queues = new Map(page.map((message) => [queueName(message), message]));
  const refuse = (name: string) => {
    const queue = queues.get(name);
    if (queue !== undefined) refused.set(name, { name: queue.name, part: queue.part });
  };
  const onReturn = (message: Message) => refuse(message.fields.routingKey);
  const pending = new Map<Outbound, string>();
  const done = Promise.withResolvers<void>();
  const onClose = () => done.reject(new Error('The channel closed.'));
  channel.on('return', onReturn);
  channel.once('close', onClose);
  const timer = setTimeout(() => {
    for (const name of pending.values()) refuse(name);
    done.resolve();
  }, confirmMs);
  try {
    for (const message of page) {
      const name = queueName(message);
      pending.set(message, name);
      const options = { persistent: true, mandatory: true };
      channel.publish('', name, message.body, options, (error: unknown) => {
        pending.delete(message);
        if (error !== null && error !== undefined) refuse(name);
        if (pending.size === 0) done.resolve();
      });
    }
    await done.promise;
  } finally {
    clearTimeout(timer);
    channel.off('return', onReturn);
    channel.off('close', onClose);
  }
}

async function connect(url: string): Promise<ChannelModel> {
  const amqp = await import('amqplib');
  const target = new URL(url);
  target.searchParams.set('heartbeat', String(heartbeatSeconds));
  try {
    const connecting = amqp.connect(target.href, { timeout: connectMs, noDelay: true });
    const connection = await within(connectMs, connecting, tooLong);
    // Told by 'close' as well; without a listener it would end the process.
    connection.on('error', () => undefined);
    return connection;
  } catch (error) {
    throw brokerAway('rabbitmq', error);
  }
}

/** At most a second: a close whose answer never comes would hold up a drain. */
async function end(connection: ChannelModel): Promise<void> {
  const closing = Promise.resolve().then(() => connection.close());
  await within(closeMs, closing, tooLong).catch(() => undefined);
  const socket: unknown = Reflect.get(connection.connection, 'stream');
  if (socket instanceof Duplex) socket.destroy();
}

const queueFaults = new Set([404, 405, 406, 541]);

function isQueueFault(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'number' &&
    queueFaults.has(error.code)
  );
}
