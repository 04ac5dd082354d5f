import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import { serialize } from 'pg-protocol';

import type { ServerMessage } from './messages.ts';
import { createScram, type Scram } from './scram.ts';
import type { Target } from './target.ts';

/** What the server calls a session that is to be cancelled. */
export interface SessionKey {
  readonly processId: number;
  readonly secretKey: number;
}

/** Startup and authentication, until the server is ready for the first batch. */
export class Handshake {
  readonly done: Promise<void>;
  key: SessionKey | undefined;
  readonly #socket: Socket;
  readonly #target: Target;
  readonly #end: PromiseWithResolvers<void>;
  #scram: Scram | undefined;
  #isProven = false;

  constructor(socket: Socket, target: Target) {
    this.#socket = socket;
    this.#target = target;
    this.#end = Promise.withResolvers<void>();
    this.done = this.#end.promise;
    socket.write(
      serialize.startup({
        user: target.user,
        database: target.database,
        application_name: target.applicationName,
        ...target.settings,
      }),
    );
  }

  fail(error: unknown): void {
    this.#end.reject(error);
  }

  take(message: ServerMessage): void {
    try {
      if (message.name === 'readyForQuery') this.#end.resolve();
      else if (message.name === 'error') this.#end.reject(message);
      else if (message.name === 'backendKeyData') {
        this.key = { processId: message.processID, secretKey: message.secretKey };
      } else this.#authenticate(message);
    } catch (error) {
      this.#end.reject(error);
    }
  }

  #authenticate(message: ServerMessage): void {
    const { name } = message;
    if (name === 'authenticationMD5Password')
      this.#send(serialize.password(this.#md5(message.salt)));
    else if (name === 'authenticationCleartextPassword') {
      this.#allowWeak();
      this.#send(serialize.password(this.#password()));
    } else if (name === 'authenticationOk') {
      // A server that skips its own proof may be another one.
      if (this.#scram === undefined || this.#isProven) return;
      throw new Error('The server ended SCRAM without its proof.');
    } else this.#prove(message);
  }

  #prove(message: ServerMessage): void {
    if (message.name === 'authenticationSASL') {
      this.#scram = createScram(message.mechanisms, this.#password(), certificateOf(this.#socket));
      const { mechanism, first } = this.#scram;
      this.#send(serialize.sendSASLInitialResponseMessage(mechanism, first));
    } else if (message.name === 'authenticationSASLContinue') {
      this.#send(serialize.sendSCRAMClientFinalMessage(this.#scram?.final(message.data) ?? ''));
    } else if (message.name === 'authenticationSASLFinal') {
      this.#scram?.verify(message.data);
      this.#isProven = true;
    }
  }

  #send(message: Buffer): void {
    this.#socket.write(message);
  }

  #md5(salt: Buffer): string {
    this.#allowWeak();
    const { user } = this.#target;
    const inner = hash(this.#password() + user);
    return `md5${hash(Buffer.concat([Buffer.from(inner), salt]))}`;
  }

  #allowWeak(): void {
    if (this.#target.allowsWeakAuth === true) return;
    throw new Error(
      'The server asks for a password by md5 or in clear text: PG_ALLOW_WEAK_AUTH=1 allows it.',
    );
  }

  #password(): string {
    if (this.#target.password !== '') return this.#target.password;
    throw new Error('The server asks for a password, and the address has none.');
  }
}

function certificateOf(socket: Socket): Buffer | undefined {
  return socket instanceof TLSSocket ? socket.getPeerCertificate().raw : undefined;
}

function hash(text: string | Buffer): string {
  return createHash('md5').update(text).digest('hex');
}
