export interface FinishedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly tookMs: number;
  readonly outcome: 'ok' | 'problem' | 'error';
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}
