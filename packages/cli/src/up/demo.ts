import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { DatabaseUrls } from '../application.ts';
import { bar } from '../seed.ts';
import type { Progress, Unit } from '../terminal.ts';

interface DemoOptions {
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly urls: DatabaseUrls;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** In a process of its own, so that who is already signed in does not wait for it. */
export async function seedDemo(options: DemoOptions): Promise<boolean> {
  const { root, environment, urls, progress, signal } = options;
  const self = fileURLToPath(new URL('../../bin/plinth.js', import.meta.url));
  const args = [self, 'seed', '--profile', 'demo', '--resume', '--progress', 'json'];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: {
      ...environment,
      DATABASE_URL: urls.app,
      DATABASE_ADMIN_URL: urls.admin,
      DATABASE_LOADER_URL: urls.loader,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const units = new Map<string, Unit>();
  let lastWords = '';
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stderr })) {
    const event = parse(line);
    if (event === undefined) {
      lastWords = line;
      continue;
    }
    const unit = units.get(event.unit) ?? progress.unit(event.unit);
    units.set(event.unit, unit);
    if (event.fraction >= 1) unit.done(event.detail);
    else unit.update(`${bar(event.fraction)} ${event.detail}`);
  }
  const [code] = await exited;
  signal.removeEventListener('abort', stop);
  if (code === 0) return true;
  if (!signal.aborted) progress.unit('demo data').failed(lastWords);
  return false;
}

function parse(line: string): { unit: string; fraction: number; detail: string } | undefined {
  if (!line.startsWith('{')) return undefined;
  const json: unknown = JSON.parse(line);
  if (typeof json !== 'object' || json === null) return undefined;
  if (!('unit' in json) || !('fraction' in json) || !('detail' in json)) return undefined;
  return {
    unit: String(json.unit),
    fraction: Number(json.fraction),
    detail: String(json.detail),
  };
}
