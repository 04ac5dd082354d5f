import type { Ctx } from '@plinth/core';

/** What a database call needs to know; core's Ctx is one. */
export type Context = Pick<Ctx, 'tenant' | 'position' | 'signal'> &
  Partial<
    Pick<
      Ctx,
      'deadline' | 'span' | 'log' | 'unitOfWork' | 'actor' | 'reqId' | 'traceparent' | 'client'
    >
  >;
