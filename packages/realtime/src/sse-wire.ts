import type { ServerResponse } from 'node:http';

import { eventFrame, heartbeatFrame } from './frame.ts';
import { Outlet } from './outlet.ts';
import type { Entry } from './ring.ts';
import type { CloseCode, Wire, Word } from './wire.ts';

const browserRetryMs = 2_000;
const byeGraceMs = 1_000;

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  // The stream ends with its connection: no chunk is framed a second time.
  connection: 'close',
} as const;

/** Server-sent events. The head leaves at once: the browser sees an open connection. */
export class SseWire implements Wire {
  readonly transport = 'sse';
  readonly unansweredSinceMs = undefined;
  readonly #response: ServerResponse;
  readonly #outlet: Outlet;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.removeHeader('transfer-encoding');
    response.writeHead(200, streamHeaders);
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    response.write(`retry: ${browserRetryMs}\n\n`);
    this.#outlet = new Outlet(response);
  }

  get heldBytes(): number {
    return this.#outlet.heldBytes;
  }

  tell({ name, data, cursor }: Word): void {
    this.#outlet.write(eventFrame(name, data, cursor));
  }

  message({ frame }: Entry): void {
    this.#outlet.write(frame);
  }

  beat(): void {
    this.#outlet.write(heartbeatFrame);
  }

  end(_code: CloseCode): void {
    this.#response.end();
    const timer = setTimeout(() => this.#response.destroy(), byeGraceMs);
    timer.unref();
    this.#response.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    this.#response.destroy();
  }

  onRoom(work: () => void): void {
    this.#response.on('drain', work);
  }

  onClosed(work: () => void): void {
    this.#response.once('close', work);
  }
}
