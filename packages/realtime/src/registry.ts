import { Problem } from '@plinth/core';

import type { Auth, ChannelContract, Params } from './channel.ts';
import { badChannel, parsePattern, type Pattern } from './pattern.ts';

interface Known {
  readonly pattern: Pattern;
  authorize(auth: Auth, params: Params): boolean | Promise<boolean>;
  /** Where clients may speak. */
  speak: Speak | undefined;
}

type Speak = (params: Params, message: unknown, except: string) => Promise<void>;

/** All kinds of channels of the process. */
export class Registry {
  readonly #known = new Map<string, Known>();

  /** @throws {Problem} `realtime.bad_channel` for a pattern that is no pattern, or there already. */
  add<message>(contract: ChannelContract<message>): Pattern {
    const pattern = parsePattern(contract.pattern);
    if (this.#known.has(pattern.text)) throw badChannel(pattern.text);
    this.#known.set(pattern.text, {
      pattern,
      authorize: (auth, params) => contract.authorize(auth, params),
      speak: undefined,
    });
    return pattern;
  }

  /** From now on clients may speak in channels of this pattern. */
  letSpeak(pattern: Pattern, speak: Speak): void {
    const known = this.#known.get(pattern.text);
    if (known !== undefined) known.speak = speak;
  }

  /** @throws {Problem} `realtime.forbidden` where clients may not speak, `realtime.bad_message`. */
  async publish(name: string, message: unknown, from: string): Promise<void> {
    for (const { pattern, speak } of this.#known.values()) {
      const params = speak && pattern.match(name);
      if (speak === undefined || params === undefined) continue;
      await speak(params, message, from);
      return;
    }
    throw forbidden(name);
  }

  /** Undefined: allowed. */
  async refusal(name: string, auth: Auth): Promise<Problem | undefined> {
    for (const { pattern, authorize } of this.#known.values()) {
      const params = pattern.match(name);
      if (params === undefined) continue;
      const { tenant } = params;
      // Asked before anything else: no rule of a channel can open it to another tenant.
      if (tenant !== undefined && tenant !== auth.tenant) return forbidden(name);
      try {
        return (await authorize(auth, params)) ? undefined : forbidden(name);
      } catch (error) {
        return Problem.from(error);
      }
    }
    return badChannel(name);
  }
}

function forbidden(name: string): Problem {
  return new Problem(`${name} is not yours.`, {
    code: 'realtime.forbidden',
    kind: 'forbidden',
  });
}
