/** Any value that JSON can hold. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** HTTP status and gRPC code of each kind: the only place in the repository that maps Problems to them. */
export const kindTable = Object.freeze({
  invalid: { status: 400, grpc: 3, title: 'The request is not valid' },
  unauthenticated: { status: 401, grpc: 16, title: 'Sign in first' },
  forbidden: { status: 403, grpc: 7, title: 'Not allowed' },
  notFound: { status: 404, grpc: 5, title: 'Not found' },
  conflict: { status: 409, grpc: 10, title: 'It conflicts with the present state' },
  gone: { status: 410, grpc: 5, title: 'Gone' },
  stale: { status: 412, grpc: 9, title: 'Somebody changed it meanwhile' },
  tooLarge: { status: 413, grpc: 11, title: 'Too large' },
  unsupported: { status: 415, grpc: 3, title: 'Unsupported type' },
  unprocessable: { status: 422, grpc: 9, title: 'It cannot be processed' },
  needsVersion: { status: 428, grpc: 9, title: 'The version is missing' },
  rateLimited: { status: 429, grpc: 8, title: 'Too many requests' },
  cancelled: { status: 499, grpc: 1, title: 'Cancelled' },
  internal: { status: 500, grpc: 13, title: 'It could not be completed' },
  unimplemented: { status: 501, grpc: 12, title: 'Not available here' },
  unavailable: { status: 503, grpc: 14, title: 'Not available now' },
  overloaded: { status: 503, grpc: 14, title: 'Too busy' },
  timeout: { status: 504, grpc: 4, title: 'It took too long' },
} as const);

/** What sort of failure it is: decides the status, and whether a caller may try again. */
export type Kind = keyof typeof kindTable;

/** One field of the input that does not fit. */
export interface FieldProblem {
  /** RFC 6901: `/lines/3/quantity`. */
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

export interface ProblemOptions {
  /** `area.what_happened`: what programs branch on. A message may change, a code may not. */
  readonly code: `${string}.${string}`;
  readonly kind: Kind;
  /** Facts for the caller: they leave the process. Never a secret, never another tenant's. */
  readonly context?: Readonly<Record<string, Json>>;
  /** What led to it; goes to the log and no further. */
  readonly cause?: unknown;
  readonly fields?: readonly FieldProblem[];
  readonly retryAfterMs?: number;
}

/** The body of an `application/problem+json` response (RFC 9457). */
export interface ProblemJson {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: string;
  readonly kind: Kind;
  readonly context?: Readonly<Record<string, Json>>;
  readonly fields?: readonly FieldProblem[];
  readonly retryAfterMs?: number;
}

const foreignBodyCharactersMax = 256;
const hiddenDetail = 'The request could not be completed. Its id names it in the log.';

/**
 * An expected failure: the one error type that crosses a boundary.
 *
 * A broken invariant is not a Problem. It is an assertion, and it ends the request.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly kind: Kind;
  readonly context: Readonly<Record<string, Json>> | undefined;
  readonly fields: readonly FieldProblem[] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ProblemOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.kind = options.kind;
    this.context = options.context;
    this.fields = options.fields;
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return kindTable[this.kind].status;
  }

  /** Passes a Problem through; an abort is `cancelled`, a deadline `timeout`, anything else `internal`. */
  static from(error: unknown): Problem {
    if (error instanceof Problem) return error;
    const name = error instanceof Error ? error.name : '';
    if (name === 'AbortError') {
      return new Problem('The caller went away.', {
        code: 'core.cancelled',
        kind: 'cancelled',
        cause: error,
      });
    }
    if (name === 'TimeoutError') {
      return new Problem('The time was up.', {
        code: 'core.timeout',
        kind: 'timeout',
        cause: error,
      });
    }
    return new Problem('An unexpected failure.', {
      code: 'core.unexpected',
      kind: 'internal',
      cause: error,
    });
  }

  /** Leaves out stack and cause. To the public a 5xx says one fixed sentence and shows no context. */
  toWire(audience: 'public' | 'internal', reqId?: string): ProblemJson {
    const { title, status } = kindTable[this.kind];
    const hidden = audience === 'public' && status >= 500;
    return {
      type: `/problems/${this.code}`,
      title,
      status,
      detail: hidden ? hiddenDetail : this.message,
      ...(reqId === undefined ? {} : { instance: `urn:request:${reqId}` }),
      code: this.code,
      kind: this.kind,
      ...(this.context === undefined || hidden ? {} : { context: this.context }),
      ...(this.fields === undefined ? {} : { fields: this.fields }),
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
    };
  }

  /** Reads what another process answered; a body that is no problem+json keeps its first 256 characters. */
  static fromWire(status: number, body: unknown): Problem {
    if (isProblemJson(body)) {
      const kind = isKind(body.kind) ? body.kind : kindOfStatus(status);
      return new Problem(body.detail, {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any string is a code; the type only asks for its dot
        code: body.code as `${string}.${string}`,
        kind,
        ...(body.context === undefined ? {} : { context: body.context }),
        ...(body.fields === undefined ? {} : { fields: body.fields }),
        ...(body.retryAfterMs === undefined ? {} : { retryAfterMs: body.retryAfterMs }),
      });
    }
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return new Problem('The answer is not one that this service gives.', {
      code: 'core.not_a_problem',
      kind: [502, 503, 504].includes(status) ? 'unavailable' : kindOfStatus(status),
      context: { status, body: text.slice(0, foreignBodyCharactersMax) },
    });
  }
}

function isKind(kind: unknown): kind is Kind {
  return typeof kind === 'string' && Object.hasOwn(kindTable, kind);
}

function isProblemJson(body: unknown): body is ProblemJson {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string'
  );
}

/** The kind with this status; else the general one of its hundred. */
function kindOfStatus(status: number): Kind {
  for (const [kind, row] of Object.entries(kindTable)) {
    if (row.status === status && isKind(kind)) return kind;
  }
  return status >= 400 && status < 500 ? 'invalid' : 'internal';
}
