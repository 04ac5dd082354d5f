import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

import type { Answer, Answers } from './answer.ts';
import { chooseEncoding } from './encoding.ts';
import type { Exchange } from './exchange.ts';

/** Sends answers, compressed where that is this process's business. */
export interface Compressor {
  /** @param isSensitive never compressed: its length would tell of its content (BREACH). */
  send(exchange: Exchange, answer: Answer, isSensitive: boolean): void;
}

const bytesMin = 1_024;
const atOnceMax = 4;
const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);
const brotliQuality = 4;
const gzipLevel = 6;

/**
 * Brotli 4 or gzip 6, off the main thread, at most four at once: 5.7 KB of JSON costs about what the request does,
 * so a process under load sends it as it is.
 *
 * @param mode `app`: here; `edge` and `off`: not here.
 */
export function createCompressor(answers: Answers, mode: 'edge' | 'app' | 'off'): Compressor {
  if (mode !== 'app') return { send: (exchange, answer) => answers.send(exchange, answer) };
  let running = 0;

  async function compressAndSend(
    exchange: Exchange,
    answer: Answer & { readonly body: string | Buffer },
    encoding: 'br' | 'gzip',
  ): Promise<void> {
    running += 1;
    try {
      const bytes = Buffer.from(answer.body);
      const body =
        encoding === 'br'
          ? await brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } })
          : await gzipped(bytes, { level: gzipLevel });
      const headers = [...weaken(answer.headers), 'content-encoding', encoding];
      answers.send(exchange, { ...answer, headers, body });
    } catch (error) {
      answers.problem(exchange, error);
    } finally {
      running -= 1;
    }
  }

  return {
    send(exchange, answer, isSensitive) {
      const { body, headers } = answer;
      if (isSensitive || body === undefined || body.length < bytesMin) {
        answers.send(exchange, answer);
        return;
      }
      const varied = { ...answer, headers: addVary(headers) };
      const encoding = chooseEncoding(exchange.head.acceptEncoding, ['br', 'gzip']);
      if (encoding === undefined || encoding === 'identity' || running >= atOnceMax) {
        answers.send(exchange, varied);
        return;
      }
      void compressAndSend(exchange, { ...varied, body }, encoding);
    },
  };
}

/** A tag names bytes; these are others that mean the same. */
function weaken(headers: readonly string[]): string[] {
  return headers.map((value, index) => (headers[index - 1] === 'etag' ? `W/${value}` : value));
}

function addVary(headers: readonly string[]): string[] {
  if (!headers.includes('vary')) return [...headers, 'vary', 'Accept-Encoding'];
  return headers.map((value, index) =>
    headers[index - 1] === 'vary' ? `${value}, Accept-Encoding` : value,
  );
}
