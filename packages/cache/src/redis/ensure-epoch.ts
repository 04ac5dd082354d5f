import { away } from './place.ts';
import { digitsOf, type LogFacts, type LogId, type Session } from './session.ts';

const triesMax = 20;
const epochStep = 2 ** 20;

interface Known {
  /** The newest epoch ever seen. */
  readonly epochMax: number;
  /** Up to where this node has heard the log; undefined: it has not. */
  readonly heard: LogId | undefined;
}

/**
 * Sees to it that the log's epoch names this server's history, and that its end is not below what was heard. Nodes
 * that make an epoch together make the same one.
 */
export async function ensureEpoch(
  session: Session,
  logKey: string,
  { epochMax, heard }: Known,
): Promise<LogFacts & { readonly last: LogId }> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const facts = await session.inspect(logKey);
    const { last, server, seconds } = facts;
    const digits = digitsOf(server.replid);
    const isOurs = last !== undefined && last.epoch % epochStep === digits;
    if (isOurs && !isBelow(last, heard)) return { ...facts, last };
    const newest = Math.max(epochMax, last?.epoch ?? 0);
    const epoch = Math.max(seconds, Math.floor(newest / epochStep) + 1) * epochStep + digits;
    try {
      await session.call('XADD', logKey, `${epoch}-0`, 'e', 'n');
    } catch (error) {
      // Another node was first: look again.
      if (!isTooSmall(error)) throw error;
    }
  }
  throw away('The log’s epoch does not settle.');
}

function isBelow({ epoch, seq }: LogId, heard: LogId | undefined): boolean {
  if (heard === undefined) return false;
  return epoch < heard.epoch || (epoch === heard.epoch && seq < heard.seq);
}

function isTooSmall(error: unknown): boolean {
  return error instanceof Error && error.message.includes('equal or smaller');
}
