import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { systemClock } from '@plinth/core';

import { buildConsole } from '../build.ts';
import { answerApi } from './api.ts';
import { Gate } from './gate.ts';
import { listen, readAssets } from './listener.ts';
import { Watch } from './watch.ts';

const linkMs = 5_000;
const folder = process.env['PLINTH_DATA'] ?? resolve('.plinth');
const [host = '127.0.0.1', portText = '9300'] = (
  process.env['CONSOLE_LISTEN'] ?? '127.0.0.1:9300'
).split(':');
const ownFile = join(folder, 'console.json');

/** The console, in a process of its own: it answers while the application does not. */
async function main(): Promise<void> {
  if (host !== '127.0.0.1' && host !== 'localhost') {
    process.stderr.write('CONSOLE_LISTEN is 127.0.0.1:PORT: its sign-in is made for loopback.\n');
    process.exitCode = 78;
    return;
  }
  const running = await linkOfRunning();
  if (running !== undefined) return tell(running);
  const assets = await readAssets(await buildConsole());
  const watch = new Watch(folder, systemClock);
  const gate = new Gate(systemClock);
  const ownerKey = randomBytes(32).toString('base64url');
  const answer = (path: string) => answerApi(path, watch, systemClock);
  const port = Number(portText);
  const { server, url } = await listen({ host, port, gate, assets, ownerKey, answer });
  await watch.start();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(ownFile, JSON.stringify({ url, key: ownerKey }), { mode: 0o600 });
  tell(`${url}/enter?key=${gate.newLink()}`);
  const stop = () => {
    watch.stop();
    server.close();
    server.closeAllConnections();
    void rm(ownFile, { force: true });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function tell(link: string): void {
  process.stdout.write(`Console: ${link}\n  The link works once, within a minute.\n`);
}

/** A link of the console that runs here already; undefined where none does. */
async function linkOfRunning(): Promise<string | undefined> {
  try {
    const own: unknown = JSON.parse(await readFile(ownFile, 'utf8'));
    if (typeof own !== 'object' || own === null || !('url' in own && 'key' in own))
      return undefined;
    const response = await fetch(`${String(own.url)}/links`, {
      method: 'POST',
      headers: { authorization: `Bearer ${String(own.key)}` },
      signal: AbortSignal.timeout(linkMs),
    });
    const answer: unknown = await response.json();
    if (typeof answer !== 'object' || answer === null || !('key' in answer)) return undefined;
    return `${String(own.url)}/enter?key=${String(answer.key)}`;
  } catch {
    // No file, or nobody behind it: this one is the console.
    return undefined;
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
