import { after } from 'node:test';

import { Admin } from '@platformatic/kafka';
import { startKafka, type Broker } from '@plinth/testing/brokers';

import { transportConformance } from './messaging-conformance.ts';
import { topicOf } from './transport/transport.ts';

let starting: Promise<Broker> | undefined;
after(async () => (await starting)?.close());

transportConformance('kafka', async () => {
  const { address } = await (starting ??= startKafka());
  return {
    settings: { transport: 'kafka', kafkaBrokers: address },
    async lose(queue) {
      if (queue.part > 0) return;
      const admin = new Admin({ clientId: 'test', bootstrapBrokers: [address] });
      await admin.deleteTopics({ topics: [topicOf(queue)] });
      await admin.close();
    },
  };
});
