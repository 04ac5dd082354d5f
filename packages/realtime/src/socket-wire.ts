import type { Socket } from 'node:net';

import { Outlet } from './outlet.ts';
import type { Entry } from './ring.ts';
import {
  beatFrame,
  closeFrame,
  messageFrame,
  opcodes,
  socketFrame,
  wordFrame,
} from './socket-frames.ts';
import { SocketReader, type SocketEars } from './socket-reader.ts';
import type { CloseCode, Wire, Word } from './wire.ts';

/** Frames of a client: so many at once, then so many a second. */
const burstMax = 40;
const perSecondMax = 20;
const byeGraceMs = 1_000;

/** A WebSocket (RFC 6455) over the socket that an upgrade has left. */
export class SocketWire implements Wire, SocketEars {
  readonly transport = 'ws';
  readonly #socket: Socket;
  readonly #outlet: Outlet;
  readonly #mono: () => number;
  #onText: ((text: string) => void) | undefined;
  #onFlood: (() => void) | undefined;
  #unansweredSinceMs: number | undefined;
  #tokens = burstMax;
  #tokensAtMs: number;
  #isEnding = false;

  constructor(socket: Socket, mono: () => number) {
    this.#socket = socket;
    this.#mono = mono;
    this.#tokensAtMs = mono();
    this.#outlet = new Outlet(socket);
    socket.setTimeout(0);
    socket.setNoDelay(true);
    const reader = new SocketReader(this);
    socket.on('data', (chunk: Buffer) => {
      if (!this.#isEnding) reader.push(chunk);
    });
    socket.on('end', () => socket.end());
  }

  get heldBytes(): number {
    return this.#outlet.heldBytes;
  }

  get unansweredSinceMs(): number | undefined {
    return this.#unansweredSinceMs;
  }

  /** @param onFlood more comes than the protocol allows. */
  listen(onText: (text: string) => void, onFlood: () => void): void {
    this.#onText = onText;
    this.#onFlood = onFlood;
  }

  tell(word: Word): void {
    this.#outlet.write(wordFrame(word));
  }

  message(entry: Entry): void {
    this.#outlet.write(messageFrame(entry));
  }

  beat(): void {
    this.#unansweredSinceMs ??= this.#mono();
    this.#outlet.write(beatFrame);
  }

  end(code: CloseCode): void {
    this.#leave(code);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onRoom(work: () => void): void {
    this.#socket.on('drain', work);
  }

  onClosed(work: () => void): void {
    this.#socket.once('close', work);
  }

  text(message: string): void {
    if (this.#spend()) this.#onText?.(message);
  }

  ping(payload: Buffer): void {
    if (this.#spend()) this.#outlet.write(socketFrame(opcodes.pong, payload));
  }

  pong(): void {
    if (this.#spend()) this.#unansweredSinceMs = undefined;
  }

  close(code: number): void {
    this.#leave(code);
  }

  fault(code: number): void {
    this.#leave(code);
  }

  #leave(code: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#outlet.write(closeFrame(code));
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), byeGraceMs);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #spend(): boolean {
    const now = this.#mono();
    const earned = ((now - this.#tokensAtMs) * perSecondMax) / 1_000;
    this.#tokens = Math.min(burstMax, this.#tokens + earned) - 1;
    this.#tokensAtMs = now;
    if (this.#tokens >= 0) return true;
    this.#onFlood?.();
    return false;
  }
}
