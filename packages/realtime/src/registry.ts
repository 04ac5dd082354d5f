import { Problem } from '@plinth/core';

import type { Auth, ChannelContract, Params } from './channel.ts';
import { badChannel, parsePattern, type Pattern } from './pattern.ts';

interface Known {
  readonly pattern: Pattern;
  authorize(auth: Auth, params: Params): boolean | Promise<boolean>;
}

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
    });
    return pattern;
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
  return new Problem(`${name} is not yours to hear.`, {
    code: 'realtime.forbidden',
    kind: 'forbidden',
  });
}
