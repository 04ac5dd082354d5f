import { parse, type DatabaseError } from 'pg-protocol';

interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

/** What a server sends, as pg-protocol reads it. */
export type ServerMessage =
  | { readonly name: 'dataRow'; readonly fields: (string | null)[] }
  | { readonly name: 'commandComplete'; readonly text: string }
  | { readonly name: 'readyForQuery'; readonly status: string }
  | { readonly name: 'rowDescription'; readonly fields: readonly Column[] }
  | { readonly name: 'copyData'; readonly chunk: Buffer }
  | { readonly name: 'notification'; readonly channel: string; readonly payload: string }
  | { readonly name: 'backendKeyData'; readonly processID: number; readonly secretKey: number }
  | { readonly name: 'authenticationSASL'; readonly mechanisms: readonly string[] }
  | {
      readonly name: 'authenticationSASLContinue' | 'authenticationSASLFinal';
      readonly data: string;
    }
  | { readonly name: 'authenticationMD5Password'; readonly salt: Buffer }
  | { readonly name: 'notice'; readonly severity?: string; readonly routine?: string }
  | {
      readonly name:
        | 'parseComplete'
        | 'bindComplete'
        | 'closeComplete'
        | 'noData'
        | 'portalSuspended'
        | 'replicationStart'
        | 'emptyQuery'
        | 'copyDone'
        | 'copyInResponse'
        | 'copyOutResponse'
        | 'parameterDescription'
        | 'parameterStatus'
        | 'authenticationOk'
        | 'authenticationCleartextPassword';
    }
  | (DatabaseError & { readonly name: 'error' });

/** Calls `take` for each whole message, however the bytes are cut into pieces. */
export function readMessages(
  stream: NodeJS.ReadableStream,
  take: (message: ServerMessage) => void,
): void {
  // The end of the stream is told by its own events.
  void parse(stream, (message) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names and fields of pg-protocol's messages, whose base type has only the name
    take(message as ServerMessage);
  });
}
