import { Problem, type Actor, type Ctx, type PositionSession, type Span } from '@plinth/core';

import type { Transaction } from '@plinth/postgres';

import { isOpen } from './carried-table.ts';
import { crashPoint } from './crash-point.ts';
import { claimPieces } from './claim.ts';
import type { Inbound } from './delivery-table.ts';
import type { Envelope } from './envelope.ts';
import { isDependencyDown } from './gate.ts';
import type { Core } from './needs.ts';
import type { OwnOutbox } from './outbox.ts';
import type { Registered } from './registered.ts';
import type { Delivery } from './subscription.ts';
import { seenBy } from './seen-by.ts';
import { systemContext } from './system-context.ts';
import { untilAnswered } from './until-answered.ts';

/** Which part of a subscription, and since when: a later owner has a higher epoch. */
export interface Grant {
  readonly sub: number;
  readonly part: number;
  readonly epoch: bigint;
}
export interface Piece {
  readonly row: Inbound;
  readonly envelope: Envelope;
}
export type Outcome =
  /** Committed. `missing`: rows that were gone, handled before or no longer ours. */
  | { readonly kind: 'done'; readonly missing: number }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** What it needs is down: no attempt counts. */
  | { readonly kind: 'down' }
  /** Nobody knows whether it happened: the claim tells. */
  | { readonly kind: 'unknown'; readonly error: unknown }
  | { readonly kind: 'stopped' };

/** A handler that ignores its signal is left behind; its transaction is rolled back under it. */
const graceMs = 5_000;

interface Needs {
  readonly core: Core;
  readonly outbox: OwnOutbox;
  readonly grant: Grant;
  readonly subscription: Registered;
  /** Aborted when the process stops waiting for handlers. */
  readonly stop: AbortSignal;
}

interface Scene {
  readonly signal: AbortSignal;
  readonly span: Span;
}

/** Claims events of one tenant and handles them, in one transaction under their tenant. */
export async function attempt(needs: Needs, pieces: readonly Piece[]): Promise<Outcome> {
  const { core, subscription, stop } = needs;
  const startedMs = core.clock.mono();
  const limit = new AbortController();
  const ended = new AbortController();
  const timer = core.clock.sleep(subscription.timeoutMs, ended.signal);
  timer.then(
    () => limit.abort(new DOMException('The subscriber took too long.', 'TimeoutError')),
    () => undefined,
  );
  const signal = AbortSignal.any([limit.signal, stop]);
  const traceparent = pieces[0]?.envelope.traceparent;
  const span = core.tracer.start(`handle ${subscription.name}`, traceparent);
  try {
    const work = subscription.isExternal ? handleAndClaim : claimAndHandle;
    const missing = await work(needs, pieces, { signal, span });
    span.end('ok');
    return { kind: 'done', missing };
  } catch (error) {
    span.end('error');
    if (stop.aborted) return { kind: 'stopped' };
    if (isDependencyDown(error)) return { kind: 'down' };
    return { kind: isDatabaseDown(error) ? 'unknown' : 'failed', error };
  } finally {
    ended.abort();
    const seconds = (core.clock.mono() - startedMs) / 1_000;
    core.metrics.handleSeconds.bind({ sub: subscription.name }).observe(seconds);
  }
}

async function claimAndHandle(
  { core, outbox, grant, subscription }: Needs,
  pieces: readonly Piece[],
  scene: Scene,
): Promise<number> {
  const [first] = pieces;
  if (first === undefined) return 0;
  const { metrics, settings } = core;
  const position = await seenBy(core, pieces);
  const ctx = contextOf(core, subscription, first.envelope, { ...scene, position });
  const { signal } = scene;
  const missing = await core.database.write(ctx, async (tx) => {
    const claims = await claimPieces(tx, core, grant, pieces);
    if (claims.doubles > 0) metrics.duplicate.add(claims.doubles, { sub: subscription.name });
    const envelopes = claims.ours.map((piece) => piece.envelope);
    crashPoint('claimed', settings.crashAt);
    const [only, second] = envelopes;
    if (only !== undefined && second === undefined) outbox.follow(tx, only);
    const delivery: Delivery = {
      tx,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the transaction's context is the Ctx above with its unit of work
      ctx: tx.context as Ctx,
      signal,
      log: ctx.log,
    };
    if (only !== undefined) await within(signal, core, call(subscription, envelopes, delivery));
    crashPoint('handled', settings.crashAt);
    return claims.missing;
  });
  crashPoint('committed', settings.crashAt);
  return missing;
}

/** Outside any transaction; a crash before the claim has committed runs it again. */
async function handleAndClaim(
  { core, grant, subscription, stop }: Needs,
  pieces: readonly Piece[],
  scene: Scene,
): Promise<number> {
  const [piece] = pieces;
  if (piece === undefined) return 0;
  const position = await seenBy(core, pieces);
  const ctx = contextOf(core, subscription, piece.envelope, { ...scene, position });
  const { signal } = scene;
  const place = { ...grant, owner: core.owner, id: piece.row.id };
  const { open } = await core.database.one(systemContext(), isOpen, place);
  if (!open) return 1;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an external subscriber's type has no transaction to use
  const delivery = { ctx, signal, log: ctx.log } as Delivery;
  await within(signal, core, subscription.handle(piece.envelope, delivery));
  crashPoint('handled', core.settings.crashAt);
  const claim = async () => {
    const work = (tx: Transaction) => claimPieces(tx, core, grant, pieces);
    return (await core.database.write(systemContext(), work)).missing;
  };
  return untilAnswered(core, { ask: claim, lost: 1, isOver: never, stop });
}

const never = () => false;

async function call(
  subscription: Registered,
  envelopes: readonly Envelope[],
  delivery: Delivery,
): Promise<void> {
  const { handleBatch } = subscription;
  const [only, second] = envelopes;
  if (handleBatch !== undefined && second !== undefined) await handleBatch(envelopes, delivery);
  else if (only !== undefined) await subscription.handle(only, delivery);
}

async function within(signal: AbortSignal, { clock }: Core, work: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const ended = new AbortController();
  const onAbort = () => {
    clock.sleep(graceMs, ended.signal).then(
      () => reject(signal.reason),
      () => undefined,
    );
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, late]);
  } finally {
    ended.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

function contextOf(
  { clock, log, permissions }: Core,
  subscription: Registered,
  envelope: Envelope,
  { signal, span, position }: Scene & { readonly position: PositionSession },
): Ctx {
  const actor: Actor = { kind: 'system', id: subscription.name, permissions };
  return {
    reqId: envelope.reqId,
    traceparent: envelope.traceparent ?? `00-${span.traceId}-${span.spanId}-00`,
    tenant: envelope.tenant ?? 'none',
    actor,
    deadline: clock.mono() + subscription.timeoutMs,
    signal,
    position,
    span,
    clock,
    log: log.child({ subscription: subscription.name, event: envelope.id }),
  };
}

const downCodes = new Set(['postgres.unavailable', 'postgres.commit_unknown', 'postgres.draining']);

function isDatabaseDown(error: unknown): boolean {
  return error instanceof Problem && downCodes.has(error.code);
}
