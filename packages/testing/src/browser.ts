import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';

import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';

export interface BrowserOptions {
  /** Default 1280 × 800. */
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** How many times slower the processor is: 4 is a phone of the middle. */
  readonly cpu?: number;
  readonly network?: { readonly latencyMs: number; readonly bytesPerSecond: number };
  /** Failures that the test provokes on purpose, by URL or message. */
  readonly allow?: readonly RegExp[];
}

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

let running: Promise<Browser> | undefined;
let users = 0;

/** Where the browser is, by CHROMIUM_PATH or Debian's package; undefined where there is none. */
export function findChromium(): string | undefined {
  // oxlint-disable-next-line node/no-process-env -- tests have no configuration of their own
  const path = process.env['CHROMIUM_PATH'];
  return path ?? places.find((place) => existsSync(place));
}

/**
 * A page of its own in a fresh profile. The test fails on an error on the console, a failed request or a
 * report of the content security policy.
 */
export async function browser(t: TestContext, options: BrowserOptions = {}): Promise<Page> {
  users += 1;
  running ??= launch();
  const { width = 1_280, height = 800, theme = 'light' } = options;
  const context = await (
    await running
  ).newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  const faults = watch(page, options.allow ?? []);
  await slowDown(await context.newCDPSession(page), options);
  t.after(async () => {
    await context.close();
    users -= 1;
    if (users === 0) {
      const last = running;
      running = undefined;
      await (await last)?.close();
    }
    if (faults.length > 0) throw new Error(`The page had faults:\n${faults.join('\n')}`);
  });
  return page;
}

async function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error('There is no browser: run node scripts/engines.ts chromium');
  }
  return chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? [...flags, '--no-sandbox'] : flags,
  });
}

function watch(page: Page, allow: readonly RegExp[]): string[] {
  const faults: string[] = [];
  const add = (fault: string) => {
    if (!allow.some((pattern) => pattern.test(fault))) faults.push(fault);
  };
  // A breach of the content security policy is told on the console as an error.
  page.on('console', (message) => {
    if (message.type() === 'error') {
      add(`console: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => add(`uncaught: ${error.stack ?? error.message}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // A navigation gives up what the old page still loads.
    if (reason !== 'net::ERR_ABORTED') add(`request: ${request.url()} ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) add(`response: ${response.status()} ${response.url()}`);
  });
  return faults;
}

async function slowDown(session: CDPSession, { cpu, network }: BrowserOptions): Promise<void> {
  if (cpu !== undefined) await session.send('Emulation.setCPUThrottlingRate', { rate: cpu });
  if (network === undefined) return;
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: network.latencyMs,
    downloadThroughput: network.bytesPerSecond,
    uploadThroughput: network.bytesPerSecond,
  });
}
