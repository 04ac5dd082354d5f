import { Problem } from '@plinth/core';

import type { Params } from './channel.ts';

/** A channel's pattern, taken apart. */
export interface Pattern {
  readonly text: string;
  /** The parameters of a channel's name; undefined if it is not of this pattern. */
  match(name: string): Params | undefined;
  /** @throws {Problem} `realtime.bad_channel` for a value that cannot stand in a name. */
  fill(params: Params): string;
}

const segmentForm = /^[a-zA-Z0-9_-]{1,64}$/u;
const parameterForm = /^\{([a-zA-Z][a-zA-Z0-9]*)\}$/u;
const segmentsMax = 8;
const nameBytesMax = 200;

/** @throws {Problem} `realtime.bad_channel` */
export function parsePattern(text: string): Pattern {
  const segments = text.split('/').map((segment) => {
    const parameter = parameterForm.exec(segment)?.[1];
    if (parameter === undefined && !segmentForm.test(segment)) throw badChannel(text);
    return { literal: segment, parameter };
  });
  if (segments.length > segmentsMax) throw badChannel(text);
  return {
    text,
    match(name) {
      const values = name.split('/');
      if (values.length !== segments.length || name.length > nameBytesMax) return undefined;
      const params: Record<string, string> = {};
      for (const [index, { literal, parameter }] of segments.entries()) {
        const value = values[index] ?? '';
        if (parameter === undefined && value !== literal) return undefined;
        if (!segmentForm.test(value)) return undefined;
        if (parameter !== undefined) params[parameter] = value;
      }
      return params;
    },
    fill(params) {
      const name = segments
        .map(({ literal, parameter }) => (parameter === undefined ? literal : params[parameter]))
        .map((value) => {
          if (value === undefined || !segmentForm.test(value)) throw badChannel(text);
          return value;
        })
        .join('/');
      if (name.length > nameBytesMax) throw badChannel(text);
      return name;
    },
  };
}

export function badChannel(name: string): Problem {
  return new Problem(`${name.slice(0, nameBytesMax)} names no channel.`, {
    code: 'realtime.bad_channel',
    kind: 'invalid',
  });
}
