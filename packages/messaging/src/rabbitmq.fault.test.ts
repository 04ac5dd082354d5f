import { after } from 'node:test';

import { startRabbit, type Broker } from '@plinth/testing/brokers';
import { connect } from 'amqplib';

import { transportConformance } from './messaging-conformance.ts';
import { queueName } from './transport/transport.ts';

let starting: Promise<Broker> | undefined;
after(async () => (await starting)?.close());

transportConformance('rabbitmq', async () => {
  const { address } = await (starting ??= startRabbit());
  return {
    settings: { transport: 'rabbitmq', amqpUrl: { reveal: () => address } },
    async lose(queue) {
      const connection = await connect(address);
      const channel = await connection.createChannel();
      await channel.deleteQueue(queueName(queue));
      await connection.close();
    },
  };
});
