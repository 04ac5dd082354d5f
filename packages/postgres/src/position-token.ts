import { createHash } from 'node:crypto';

import type { Clock, KeyRing, Position } from '@plinth/core';

/** Positions as clients carry them: they can be shown, and not be made. */
export interface PositionTokens {
  /** About 85 characters; undefined without a key ring. */
  write(position: Position): string | undefined;
  /** Undefined for what this cluster did not sign: forged, foreign, or of a key that is gone. */
  read(token: string): Position | undefined;
  /**
   * Not below any commit that has been acknowledged by now: for what others are to see, such as a message that
   * tells of a change. Undefined where there is no replica to be behind.
   */
  newest(): Promise<Position | undefined>;
}

export interface PositionTokenOptions {
  readonly keyRing: KeyRing | undefined;
  readonly clock: Clock;
  /** The name that positions have here. */
  readonly cluster: string;
  /** `system_identifier`: a database that was made anew knows nothing of the old one's positions. */
  readonly systemId: () => string;
  onRefused(): void;
  newest(): Promise<Position | undefined>;
}

const purpose = 'token';
const version = 1;
const bytes = 21;
const charactersMax = 120;

/** Version, hash of the cluster, timeline, lsn, and the second in which it was written. */
export function createPositionTokens(options: PositionTokenOptions): PositionTokens {
  const { keyRing, clock, cluster } = options;
  const hash = () => hashOf(`${cluster}:${options.systemId()}`);
  return {
    write(position) {
      if (keyRing === undefined) return undefined;
      const data = Buffer.alloc(bytes);
      data.writeUInt8(version, 0);
      data.writeUInt32BE(hash(), 1);
      data.writeUInt32BE(position.timeline, 5);
      data.writeBigUInt64BE(position.lsn, 9);
      data.writeUInt32BE(Math.floor(clock.now() / 1_000), 17);
      return keyRing.sign(purpose, data);
    },
    read(token) {
      if (token === '' || keyRing === undefined) return undefined;
      const data = token.length > charactersMax ? undefined : keyRing.verify(purpose, token);
      const isOurs =
        data?.length === bytes && data.readUInt8(0) === version && data.readUInt32BE(1) === hash();
      if (!isOurs) {
        options.onRefused();
        return undefined;
      }
      return { cluster, timeline: data.readUInt32BE(5), lsn: data.readBigUInt64BE(9) };
    },
    newest: () => options.newest(),
  };
}

function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
