import type { BodyOf, EventDef, NamedEvent } from '@plinth/contract';
import type { Transaction } from '@plinth/postgres';

export interface PublishOptions {
  /** Instead of the field that the contract names; at most 200 bytes. */
  readonly key?: string;
  /** UUIDv7. Default: a new one. */
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Outbox {
  /**
   * Adds an event to the transaction: it is sent if and only if the transaction commits.
   * Tenant, actor, request and trace are those of `tx.context`.
   *
   * @throws {Problem} `messaging.bad_event` for a body that its schema refuses, `messaging.bad_key`,
   *   `messaging.too_large` above 256 KiB of JSON, `messaging.too_many_keys` above 32 keys of order `locked`.
   */
  publish<def extends EventDef>(
    tx: Transaction,
    event: NamedEvent<def>,
    body: BodyOf<def>,
    options?: PublishOptions,
  ): void;
}
