import { join } from 'node:path';

import { systemClock } from '@plinth/core';
import {
  createRandom,
  createVisitor,
  formatReport,
  judgeRun,
  run,
  tiers,
  toJson,
  writeReport,
} from '@plinth/load';
import type { Judgement, ReportFacts, RunResult, Slice, Tier } from '@plinth/load';

import { loadProject, type Application } from './application.ts';
import type { CommandContext, CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes, type ExitCode } from './exit.ts';

const targetDefault = 'http://127.0.0.1:3000';
const rateMax = 20_000;
const timeoutMs = 10_000;
const readyTimeoutMs = 30_000;

export const load: CommandDef = {
  name: 'load',
  summary: 'load the running product, and judge it by its KPIs',
  examples: ['plinth load smoke', 'plinth load load --duration 60s --rate 150'],
  flags: {
    target: { type: 'string', value: 'URL', doc: `the running product (default ${targetDefault})` },
    rate: { type: 'string', value: 'N', doc: 'requests a second' },
    duration: { type: 'string', value: 'TIME', doc: 'such as 60s or 10m, after the warm-up' },
    seed: { type: 'string', value: 'N', doc: 'the same number gives the same load (default 1)' },
    profile: {
      type: 'string',
      value: 'NAME',
      doc: 'whose seeded accounts sign in (default: the largest there is)',
    },
  },
  run: runLoad,
};

async function runLoad(context: CommandContext): Promise<Outcome> {
  const { flags, folder, terminal } = context;
  const { root, application } = await loadProject(folder);
  const tier = findTier(flags.words[0]);
  const target = findTarget(flags.text('target') ?? targetDefault);
  await waitUntilReady(target, context.signal);
  const facts: ReportFacts = {
    tier: tier.name,
    at: new Date(context.clock.now()).toISOString(),
    seed: flags.count('seed', 1, 2 ** 31 - 1) ?? 1,
    target: target.origin,
  };
  const result = await drive({ context, application, tier, target, seed: facts.seed });
  const judgement = judgeRun(result, application.load.kpis.gates);
  const own = await writeReport(join(root, 'load', 'results'), result, judgement, facts);
  if (!terminal.json) {
    terminal.out(formatReport(result, judgement, facts));
    terminal.err(`Report: ${own}\n`);
  }
  return { exitCode: exitCodeOf(judgement), result: { ...toJson(result, judgement, facts) } };
}

interface Drive {
  readonly context: CommandContext;
  readonly application: Application;
  readonly tier: Tier;
  readonly target: URL;
  readonly seed: number;
}

async function drive({ context, application, tier, target, seed }: Drive): Promise<RunResult> {
  const { flags, terminal, signal } = context;
  const random = createRandom(seed);
  const refused = new Set<string>();
  const { mix } = application.load;
  const accounts = await application.load.accounts(flags.text('profile'));
  const visitors = [];
  for (const account of accounts) {
    const onRefused = (step: string, status: number, body: Buffer) => {
      if (refused.has(step)) return;
      refused.add(step);
      terminal.err(`  ${step}: ${status} ${body.toString().slice(0, 300)}\n`);
    };
    visitors.push(await createVisitor({ target, mix, random, onRefused }, account));
  }
  return run({
    target,
    mix,
    visitors,
    ratePerS: flags.count('rate', 1, rateMax) ?? tier.ratePerS,
    durationMs: durationOf(flags.text('duration')) ?? tier.durationMs,
    warmUpMs: tier.warmUpMs,
    arrivals: 'poisson',
    seed,
    timeoutMs,
    signal,
    onSecond: (slice) => showSecond(context, slice),
  });
}

function showSecond({ terminal }: CommandContext, slice: Slice): void {
  if (!terminal.interactive) return;
  const { second, requests, failed, p95Ms, inFlight } = slice;
  terminal.err(
    `\r  ${second} s  ${requests} requests/s  p95 ${p95Ms.toFixed(0)} ms  ${failed} failed  ${inFlight} in flight   `,
  );
}

function findTier(name: string | undefined): Tier {
  const tier = tiers.find((candidate) => candidate.name === name);
  if (tier !== undefined) return tier;
  const names = tiers.map((candidate) => `${candidate.name} (${candidate.summary})`).join(', ');
  throw new CommandFailure(`Which tier? There are ${names}.`, exitCodes.usage, 'plinth load smoke');
}

/** @throws {CommandFailure} for any host but this machine: a load test of another's server is an attack. */
function findTarget(text: string): URL {
  const target = URL.parse(text);
  if (target?.protocol !== 'http:' || target.port === '') {
    throw new CommandFailure(`--target is an address such as ${targetDefault}.`, exitCodes.usage);
  }
  if (!/^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/u.test(target.hostname)) {
    throw new CommandFailure(`${target.hostname} is not this machine.`, exitCodes.usage);
  }
  return target;
}

async function waitUntilReady(target: URL, signal: AbortSignal): Promise<void> {
  const deadline = systemClock.mono() + readyTimeoutMs;
  for (;;) {
    const answer = await fetch(new URL('/healthz/ready', target)).catch((error: unknown) => error);
    if (answer instanceof Response && answer.ok) return;
    if (systemClock.mono() > deadline) {
      throw new CommandFailure(
        `Nothing is ready at ${target.origin}.`,
        exitCodes.notRunning,
        'npm start',
      );
    }
    await systemClock.sleep(250, signal);
  }
}

function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit] = /^(\d{1,5})(s|m|h)$/u.exec(text) ?? [];
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 }[unit ?? ''];
  if (digits !== undefined && unitMs !== undefined) return Number(digits) * unitMs;
  throw new CommandFailure('--duration is a time such as 60s or 10m.', exitCodes.usage);
}

function exitCodeOf({ verdict }: Judgement): ExitCode {
  if (verdict === 'invalid') return exitCodes.invalidMeasurement;
  return verdict === 'failed' ? exitCodes.bad : exitCodes.done;
}
