import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';

import { renderAlertmanager, renderDashboards } from '@plinth/telemetry/render';
import { eventually, startProcess } from '@plinth/testing';

import { alerting } from '../../../topology/kpi.ts';
import { signIn } from './api.ts';
import { createSite, findFreePort, password, root, type Site } from './site.ts';

const run = promisify(execFile);
const withinMs = 60_000;

interface Told {
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly [{ readonly expr: string }];
  }[];
}

/** Whom Alertmanager tells, by HTTP as any other receiver. */
async function listenToAlerts(t: TestContext): Promise<{ url: string; told: Told[] }> {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      told.push(JSON.parse(body));
      response.end();
    });
  });
  const port = await findFreePort();
  server.listen(port, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${port}/`, told };
}

/** Real Prometheus and Alertmanager over the product, with the rules of the repository and short holds. */
async function startMonitoring(t: TestContext, site: Site, receiver: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-monitoring-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [prometheus, alertmanager] = [await findFreePort(), await findFreePort()];
  const waits = { group: '1s', interval: '1s', repeat: '1h', repeatCritical: '1h' };
  const rules = await readFile(join(root, 'topology/prometheus/rules.yml'), 'utf8');
  const fast = rules
    .replaceAll(/\bfor: \d+[smh]/gu, 'for: 1s')
    .replaceAll(/\binterval: 1m/gu, 'interval: 1s');
  const usual = await readFile(join(root, 'topology/prometheus/prometheus.yml'), 'utf8');
  const scrapes = usual
    .replace('scrape_interval: 15s, evaluation_interval: 1m', 'scrape_interval: 1s')
    .replace('127.0.0.1:9093', `127.0.0.1:${alertmanager}`)
    .replace('127.0.0.1:9464', await opsAddress(site));
  await writeFile(join(folder, 'rules.yml'), fast);
  await writeFile(join(folder, 'prometheus.yml'), scrapes);
  await writeFile(
    join(folder, 'alertmanager.yml'),
    renderAlertmanager({ ...alerting, webhook: { url: receiver } }, waits),
  );
  const alertFlags = [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/alertmanager`,
    `--web.listen-address=127.0.0.1:${alertmanager}`,
    '--cluster.listen-address=',
  ];
  await startProcess(t, ['prometheus-alertmanager', ...alertFlags], {
    env: { PATH: process.env['PATH'] ?? '' },
    ready: /Completed loading of configuration file/u,
    withinMs,
  });
  const flags = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/prometheus`,
    `--web.listen-address=127.0.0.1:${prometheus}`,
    '--rules.alert.resend-delay=1s',
  ];
  await startProcess(t, ['prometheus', ...flags], {
    env: { PATH: process.env['PATH'] ?? '' },
    ready: /Server is ready to receive web requests/u,
    withinMs,
  });
  return `http://127.0.0.1:${prometheus}`;
}

async function opsAddress({ folder }: Site): Promise<string> {
  const [name = ''] = await readdir(join(folder, 'ops'));
  const { url }: { url: string } = JSON.parse(await readFile(join(folder, 'ops', name), 'utf8'));
  return new URL(url).host;
}

/** The postmaster, which would start others, and all that it has started: those hold the connections. */
async function signalDatabase(postmaster: number, signal: NodeJS.Signals): Promise<void> {
  const { stdout } = await run('ps', ['--ppid', String(postmaster), '-o', 'pid=']);
  for (const pid of [postmaster, ...stdout.trim().split('\n').map(Number)]) {
    try {
      process.kill(pid, signal);
    } catch {
      // A helper of the database that has ended by itself.
    }
  }
}

/** Titles of the dashboards' panels whose query gives nothing; the overview's lamps need hours, replicas or machines. */
async function panelsWithoutData(prometheus: string): Promise<string[]> {
  const empty: string[] = [];
  for (const [name, text] of Object.entries(renderDashboards())) {
    const { panels }: Dashboard = JSON.parse(text);
    for (const { title, targets } of panels) {
      const query = new URLSearchParams({ query: targets[0].expr });
      const response = await fetch(`${prometheus}/api/v1/query?${query.toString()}`);
      const { data }: { data: { result: unknown[] } } = JSON.parse(await response.text());
      if (data.result.length === 0) empty.push(`${name}: ${title}`);
    }
  }
  return empty;
}

test('every panel has data, and a database that hangs is told at a webhook with its runbook, and resolves when it goes on', async (t) => {
  const site = await createSite(t);
  await site.start();
  await site.provision('acme');
  await signIn(site.url, 'owner@acme.example', password);
  const { url, told } = await listenToAlerts(t);
  const prometheus = await startMonitoring(t, site, url);
  await eventually(async () => assert.deepEqual(await panelsWithoutData(prometheus), []), {
    withinMs,
  });
  const postmaster = await site.postgresPid();
  const find = (status: string) =>
    eventually(
      () => {
        const found = told
          .flatMap(({ alerts }) => alerts)
          .find(
            (alert) =>
              alert.labels['alertname'] === 'HealthCriticalDown' && alert.status === status,
          );
        assert(found !== undefined, JSON.stringify(told));
        return found;
      },
      { withinMs },
    );

  t.after(() => signalDatabase(postmaster, 'SIGCONT'));
  await signalDatabase(postmaster, 'SIGSTOP');
  const firing = await find('firing');
  await signalDatabase(postmaster, 'SIGCONT');
  const resolved = await find('resolved');

  assert.deepEqual(
    [firing.labels['severity'], firing.labels['check'], firing.labels['instance']],
    ['critical', 'database', 'all.0'],
  );
  assert.equal(resolved.labels['check'], 'database');
  await access(join(root, firing.annotations['runbook'] ?? ''));
});
