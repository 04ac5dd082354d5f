import assert from 'node:assert/strict';
import { test } from 'node:test';

import { renderAlertmanager, type Alerting } from './alertmanager.ts';

const only: Alerting = { runbooks: '', webhook: { url: 'http://chat.example/' } };
const all: Alerting = {
  ...only,
  webhook: { url: 'http://chat.example/', tokenFile: '/run/secrets/chat' },
  tickets: { url: 'http://tickets.example/' },
  deadMan: { url: 'http://watch.example/' },
  pagerduty: { routingKeyFile: '/run/secrets/pagerduty' },
  opsgenie: { apiKeyFile: '/run/secrets/opsgenie' },
};

interface Receiver {
  readonly name: string;
}

function receiversOf(alerting: Alerting): Readonly<Record<string, unknown>> {
  const { receivers }: { receivers: Receiver[] } = JSON.parse(renderAlertmanager(alerting));
  return Object.fromEntries(
    receivers.map(({ name, ...configs }) => [name, Object.keys(configs).toSorted().join(' ')]),
  );
}

test('with a webhook alone everything goes to it', () => {
  assert.deepEqual(receiversOf(only), {
    webhook: 'webhook_configs',
    critical: 'webhook_configs',
  });
});

test('critical alerts call by PagerDuty and OpsGenie where they are named', () => {
  assert.deepEqual(receiversOf(all), {
    webhook: 'webhook_configs',
    critical: 'opsgenie_configs pagerduty_configs',
    tickets: 'webhook_configs',
    'dead-man': 'webhook_configs',
  });
});

test('secrets stand in files only', () => {
  const text = renderAlertmanager(all);

  assert.match(text, /"routing_key_file": "\/run\/secrets\/pagerduty"/u);
  assert.match(text, /"api_key_file": "\/run\/secrets\/opsgenie"/u);
  assert.match(text, /"credentials_file": "\/run\/secrets\/chat"/u);
  assert.doesNotMatch(text, /"(?:routing_key|api_key|credentials)":/u);
});
