import { isNewerPosition, type Position, type PositionSession } from '@plinth/core';
import type { PositionTokens } from '@plinth/postgres';

import { findCookie, type CookieNames } from './cookies.ts';
import type { Head } from './head.ts';
import type { HeaderList } from './security-headers.ts';

const tokensMax = 4;

/** What a client has seen and written: read from its request when it is first asked for, told in the answer when it grew. */
export class RequestPosition implements PositionSession {
  readonly #head: Head;
  readonly #cookie: string;
  readonly #tokens: PositionTokens;
  readonly #positions = new Map<string, Position>();
  #isRead = false;
  #hasGrown = false;
  #isLost = false;
  cache?: string;

  constructor(head: Head, cookies: CookieNames, tokens: PositionTokens) {
    this.#head = head;
    this.#cookie = cookies.position;
    this.#tokens = tokens;
  }

  get(cluster?: string): Position | undefined {
    this.#read();
    if (cluster !== undefined) return this.#positions.get(cluster);
    const [first] = this.#positions.values();
    return first;
  }

  advance(position: Position): void {
    this.#read();
    if (!isNewerPosition(position, this.#positions.get(position.cluster))) return;
    this.#positions.set(position.cluster, position);
    this.#hasGrown = true;
  }

  lose(): void {
    this.#isLost = true;
  }

  /** Nothing where nothing grew, so that answers to reads stay the same for all. */
  headers(cookies: CookieNames): HeaderList {
    if (!this.#hasGrown && !this.#isLost) return [];
    const written = [...this.#positions.values()].slice(-tokensMax);
    const token = written.map((position) => this.#tokens.write(position) ?? '').join('~');
    if (token === '') return this.#isLost ? ['plinth-position', 'lost'] : [];
    const cookie = `${cookies.position}=${token}${cookies.attributes}; Max-Age=${positionMaxAgeS}`;
    return ['plinth-position', this.#isLost ? 'lost' : token, 'set-cookie', cookie];
  }

  /** A cookie of an earlier write, and a header of who keeps no cookies or has heard a live message. */
  #read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    const { cookie, position } = this.#head;
    const texts = [findCookie(cookie, this.#cookie), position].flatMap((text) =>
      text === '' ? [] : text.split('~', tokensMax),
    );
    for (const text of texts) {
      const known = this.#tokens.read(text);
      if (known === undefined) continue;
      if (isNewerPosition(known, this.#positions.get(known.cluster))) {
        this.#positions.set(known.cluster, known);
      }
    }
  }
}

/** No replica in rotation is later than ten seconds: after a minute it says nothing new. */
const positionMaxAgeS = 60;
