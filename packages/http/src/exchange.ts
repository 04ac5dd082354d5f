import type { IncomingMessage, ServerResponse } from 'node:http';

import type { BoundHistogram, Problem, Span } from '@plinth/core';

import type { Caller } from './caller.ts';
import type { Head } from './head.ts';
import type { RequestPosition } from './request-position.ts';

/** Where the request's time goes: what it is measured and logged as. */
export interface Place {
  /** The pattern, never the path: `/v1/invoices/:id`. */
  readonly pattern: string;
  /** `invoicing.getInvoice` */
  readonly operation: string;
  /** One handle for each method and exact status (`GET200`), made on first use. */
  readonly observers: Map<string, BoundHistogram>;
}

/** What a request waits for: decides which time limit holds. */
export type Step = 'body' | 'upload' | 'run' | 'sent';

/** One request and its answer. A class, so that each has the same shape. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: Head;
  readonly reqId: string;
  readonly ip: string;
  readonly isPeerTrusted: boolean;
  /** Instant of `clock.mono()`. */
  readonly startedMs: number;
  readonly span: Span;
  readonly controller = new AbortController();
  place: Place | undefined;
  caller: Caller | undefined;
  position: RequestPosition | undefined;
  step: Step = 'body';
  deadlineMs = Infinity;
  /** When the client last took or gave a byte, where that is watched, and how many it has by then. */
  movedMs: number;
  movedBytes = 0;
  isStream = false;
  bytesIn = 0;
  bytesOut = 0;
  problem: Problem | undefined;
  isCounted = false;

  constructor(from: {
    request: IncomingMessage;
    response: ServerResponse;
    head: Head;
    reqId: string;
    ip: string;
    isPeerTrusted: boolean;
    startedMs: number;
    span: Span;
  }) {
    this.request = from.request;
    this.response = from.response;
    this.head = from.head;
    this.reqId = from.reqId;
    this.ip = from.ip;
    this.isPeerTrusted = from.isPeerTrusted;
    this.startedMs = from.startedMs;
    this.movedMs = from.startedMs;
    this.span = from.span;
  }
}
