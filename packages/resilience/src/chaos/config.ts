import { defineConfig, env, envOptional, flag, wholeNumber } from '@plinth/core';
import { z } from '@plinth/core/z';

export interface ChaosSettings {
  readonly enabled: boolean;
  readonly allowProduction: string | undefined;
  /** A file of rules, as JSON; read again when it changes. A file `chaos.off` beside it ends all. */
  readonly rules: string | undefined;
  readonly seed: number;
}

export const chaosConfig = defineConfig('resilience', {
  enabled: env('CHAOS_ENABLED', flag, {
    default: false,
    doc: 'Whether rules of fault injection are read at all.',
  }),
  allowProduction: envOptional('CHAOS_ALLOW_PRODUCTION', z.string().min(1), {
    doc: "In production the topology's name, or nothing is injected.",
  }),
  rules: envOptional('CHAOS_RULES', z.string().min(1), {
    doc: 'File of rules, read again when it changes; a file chaos.off beside it ends all.',
  }),
  seed: env('CHAOS_SEED', wholeNumber(0, 4_294_967_295), {
    default: 1,
    doc: 'Of the draws, so that a drill can be run again.',
  }),
});
