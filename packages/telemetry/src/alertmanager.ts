/** Where alerts go. A secret is never written here: its file is named. */
export interface Alerting {
  /** Before the path of a runbook in every alert: where the repository is read. */
  readonly runbooks: string;
  /** Takes what the others do not: warnings, and critical alerts where nobody is called. */
  readonly webhook: Webhook;
  /** Tickets, in working hours; default the webhook. */
  readonly tickets?: Webhook;
  /** Hears the Watchdog, and calls somebody when it does not; default the webhook. */
  readonly deadMan?: Webhook;
  readonly pagerduty?: { readonly routingKeyFile: string };
  readonly opsgenie?: { readonly apiKeyFile: string };
}

export interface Webhook {
  readonly url: string;
  /** A file with the token of its Authorization. */
  readonly tokenFile?: string;
}

export interface AlertingWaits {
  readonly group: string;
  readonly interval: string;
  readonly repeat: string;
  readonly repeatCritical: string;
}

const usualWaits: AlertingWaits = {
  group: '30s',
  interval: '5m',
  repeat: '4h',
  repeatCritical: '1h',
};

/** What follows from a database that is away needs no message of its own. */
const followers = 'DbPool.*|Latency.*|Http5xxRate|OutboxLag|JobsLate';

/** `alertmanager.yml` for 0.25 and newer; JSON is YAML. */
export function renderAlertmanager(alerting: Alerting, waits: AlertingWaits = usualWaits): string {
  const config = {
    route: routeOf(alerting, waits),
    receivers: receiversOf(alerting),
    inhibit_rules: [
      {
        source_matchers: ['severity="critical"'],
        target_matchers: ['severity="warning"'],
        equal: ['alertname', 'instance', 'machine', 'host'],
      },
      {
        source_matchers: ['alertname="HealthCriticalDown"'],
        target_matchers: [`alertname=~"${followers}"`],
        equal: ['instance'],
      },
      {
        source_matchers: ['alertname="InstanceDown"'],
        target_matchers: ['alertname!="InstanceDown"', 'instance!=""'],
        equal: ['instance'],
      },
    ],
    time_intervals: [
      {
        name: 'working-hours',
        time_intervals: [
          {
            weekdays: ['monday:friday'],
            times: [{ start_time: '08:00', end_time: '18:00' }],
          },
        ],
      },
    ],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

function routeOf({ tickets, deadMan }: Alerting, waits: AlertingWaits) {
  const hears = deadMan === undefined ? 'webhook' : 'dead-man';
  const takesTickets = tickets === undefined ? 'webhook' : 'tickets';
  return {
    receiver: 'webhook',
    group_by: ['alertname', 'role', 'site'],
    group_wait: waits.group,
    group_interval: waits.interval,
    repeat_interval: waits.repeat,
    routes: [
      // A rehearsal wakes nobody.
      { matchers: ['drill="true"'], receiver: 'webhook' },
      { matchers: ['alertname="Watchdog"'], receiver: hears, repeat_interval: waits.interval },
      {
        matchers: ['severity="critical"'],
        receiver: 'critical',
        repeat_interval: waits.repeatCritical,
      },
      {
        matchers: ['severity="ticket"'],
        receiver: takesTickets,
        active_time_intervals: ['working-hours'],
      },
    ],
  };
}

function receiversOf({ webhook, tickets, deadMan, pagerduty, opsgenie }: Alerting) {
  const called = {
    ...(pagerduty === undefined
      ? {}
      : {
          pagerduty_configs: [
            {
              routing_key_file: pagerduty.routingKeyFile,
              description: '{{ .CommonAnnotations.summary }}',
              details: { runbook: '{{ .CommonAnnotations.runbook }}' },
            },
          ],
        }),
    ...(opsgenie === undefined
      ? {}
      : {
          opsgenie_configs: [
            {
              api_key_file: opsgenie.apiKeyFile,
              message: '{{ .CommonAnnotations.summary }}',
              details: { runbook: '{{ .CommonAnnotations.runbook }}' },
            },
          ],
        }),
  };
  const isSomebodyCalled = Object.keys(called).length > 0;
  return [
    { name: 'webhook', ...toWebhook(webhook) },
    { name: 'critical', ...(isSomebodyCalled ? called : toWebhook(webhook)) },
    ...(tickets === undefined ? [] : [{ name: 'tickets', ...toWebhook(tickets) }]),
    ...(deadMan === undefined ? [] : [{ name: 'dead-man', ...toWebhook(deadMan) }]),
  ];
}

function toWebhook({ url, tokenFile }: Webhook) {
  const authorization = tokenFile === undefined ? {} : { credentials_file: tokenFile };
  return {
    webhook_configs: [
      {
        url,
        send_resolved: true,
        ...(tokenFile === undefined ? {} : { http_config: { authorization } }),
      },
    ],
  };
}
