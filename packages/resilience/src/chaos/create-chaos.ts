import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { noTelemetry, type Clock, type Counter, type Log, type Telemetry } from '@plinth/core';
import { Problem } from '@plinth/core/problem';

import type { ChaosScope, ChaosSource, Injection } from '../options.ts';
import type { ChaosSettings } from './config.ts';
import { globToPattern, judgeRules, Rules, type ChaosRule } from './rules.ts';
import { createDraws } from './draws.ts';

/** A kill switch must be in force everywhere within a second. */
const watchMs = 500;
/** Past it the error objective is in danger from real faults: none are added. */
const burnRateMax = 10;

export interface ChaosNeeds {
  readonly settings: ChaosSettings;
  /** `NODE_ENV=production`. */
  readonly isProduction: boolean;
  /** The name that `CHAOS_ALLOW_PRODUCTION` must repeat. */
  readonly topology: string;
  readonly clock: Pick<Clock, 'now' | 'every'>;
  readonly log: Log;
  readonly telemetry?: Telemetry;
  /** Functions that rules of kind `behavior` name. */
  readonly behaviors?: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>;
  /** How many times faster than allowed the process spends its error budget. */
  burnRate?(): number;
}

export interface Chaos extends ChaosSource {
  /** The rules in force. */
  readonly rules: readonly ChaosRule[];
  /** Replaces the rules, as an operator does. @throws {Problem} `resilience.bad_rules` */
  set(rules: readonly unknown[]): void;
  /** At once, and for the rest of the process. */
  off(): void;
  stop(): void;
}

interface Compiled {
  readonly rule: ChaosRule;
  readonly pipeline: RegExp | undefined;
  readonly untilMs: number;
}

/**
 * Faults on purpose. Undefined where they are not switched on, and in production where the topology is not named:
 * a pipeline then checks one undefined value and no more.
 */
export function createChaos(needs: ChaosNeeds): Chaos | undefined {
  const { settings, isProduction, topology, log } = needs;
  if (!settings.enabled) return undefined;
  if (isProduction && settings.allowProduction !== topology) {
    log.error('chaos.refused', new Error(`CHAOS_ALLOW_PRODUCTION does not name ${topology}`));
    return undefined;
  }
  return new Injector(needs);
}

class Injector implements Chaos {
  readonly #needs: ChaosNeeds;
  readonly #injected: Counter;
  readonly #draw: () => number;
  #compiled: readonly Compiled[] = [];
  #text = '';
  #isOff = false;
  readonly #stop: () => void;

  constructor(needs: ChaosNeeds) {
    this.#needs = needs;
    this.#draw = createDraws(needs.settings.seed);
    this.#injected = (needs.telemetry ?? noTelemetry).meter.counter({
      name: 'plinth_resilience_chaos_injected_total',
      help: 'Faults that were injected.',
      unit: '1',
      labels: { rule: { atMost: 100 } },
    });
    this.#stop = needs.clock.every(watchMs, () => this.#watch());
  }

  get rules(): readonly ChaosRule[] {
    return this.#isOff ? [] : this.#compiled.map(({ rule }) => rule);
  }

  pick(pipeline: string, scope: ChaosScope = {}): Injection | undefined {
    if (this.#isOff || this.#compiled.length === 0) return undefined;
    const nowMs = this.#needs.clock.now();
    const found = this.#compiled.find(
      (one) => nowMs < one.untilMs && matches(one, pipeline, scope),
    );
    if (found === undefined || this.#draw() >= found.rule.rate) return undefined;
    const { id: rule, fault } = found.rule;
    this.#injected.add(1, { rule });
    return { rule, fault };
  }

  async behavior(name: string, signal: AbortSignal): Promise<void> {
    await this.#needs.behaviors?.[name]?.(signal);
  }

  set(rules: readonly unknown[]): void {
    const parsed = Rules.safeParse(rules);
    if (!parsed.success) {
      throw new Problem('The rules are not rules of fault injection.', {
        code: 'resilience.bad_rules',
        kind: 'invalid',
        cause: parsed.error,
      });
    }
    const { valid, refused } = judgeRules(parsed.data, this.#needs.clock.now());
    for (const fields of refused) this.#needs.log.warn('chaos.rule_refused', fields);
    this.#compiled = valid.map((rule) => ({
      rule,
      pipeline: rule.match.pipeline === undefined ? undefined : globToPattern(rule.match.pipeline),
      untilMs: Date.parse(rule.until),
    }));
    this.#needs.log.warn('chaos.rules', { ids: valid.map(({ id }) => id) });
  }

  off(): void {
    this.#isOff = true;
    this.#needs.log.warn('chaos.off');
  }

  stop(): void {
    this.#isOff = true;
    this.#stop();
  }

  async #watch(): Promise<void> {
    const { settings, burnRate } = this.#needs;
    const isBurning = (burnRate?.() ?? 0) > burnRateMax;
    const isKilled = settings.rules !== undefined && (await isThere(offFile(settings.rules)));
    if ((isBurning || isKilled) && !this.#isOff) this.off();
    if (settings.rules !== undefined && !this.#isOff) await this.#read(settings.rules);
  }

  async #read(path: string): Promise<void> {
    const text = (await readText(path)) ?? '[]';
    if (text === this.#text) return;
    this.#text = text;
    try {
      const rules: unknown = JSON.parse(text);
      this.set(Array.isArray(rules) ? rules : [rules]);
    } catch (error) {
      this.#compiled = [];
      this.#needs.log.error('chaos.bad_rules', error, { path });
    }
  }
}

function matches({ rule, pipeline }: Compiled, name: string, scope: ChaosScope): boolean {
  const { route, tenant, header } = rule.match;
  if (pipeline !== undefined && !pipeline.test(name)) return false;
  if (route !== undefined && route !== scope.route) return false;
  if (tenant !== undefined && tenant !== scope.tenant) return false;
  return header === undefined || header === scope.header;
}

function offFile(rules: string): string {
  return join(dirname(rules), 'chaos.off');
}

async function isThere(path: string): Promise<boolean> {
  return (await readText(path)) !== undefined;
}

/** Undefined: there is no such file. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
