import { Problem, type FieldProblem } from '@plinth/core';

import type { Shape } from './schema-facts.ts';

export interface JsonLimits {
  readonly jsonDepthMax: number;
  readonly jsonKeysMax: number;
}

const shownMax = 20;

/**
 * Finds keys that the contract does not have: at the edge a misspelt field is an error, not silence.
 *
 * @throws {Problem} `http.unknown_field` with a pointer for each, `http.too_deep`, `http.too_many_keys`.
 */
export function refuseUnknownKeys(value: unknown, shape: Shape, limits: JsonLimits): void {
  const found: FieldProblem[] = [];
  let keys = 0;

  function walk(part: unknown, expected: Shape, at: string, depth: number): void {
    if (typeof part !== 'object' || part === null) return;
    if (depth > limits.jsonDepthMax) {
      throw tooMuch('http.too_deep', `JSON may nest ${limits.jsonDepthMax} deep.`);
    }
    if (Array.isArray(part)) {
      if (expected.type !== 'array') return;
      for (const [index, element] of part.entries()) {
        walk(element, expected.element, `${at}/${index}`, depth + 1);
      }
      return;
    }
    const entries = Object.entries(part);
    keys += entries.length;
    if (keys > limits.jsonKeysMax) {
      throw tooMuch('http.too_many_keys', `JSON may have ${limits.jsonKeysMax} keys.`);
    }
    for (const [key, child] of entries) {
      const next = childOf(expected, key, part);
      const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (next !== undefined) walk(child, next, pointer, depth + 1);
      else if (expected.type !== 'leaf' && expected.type !== 'array') found.push(unknown(pointer));
    }
  }

  walk(value, shape, '', 1);
  if (found.length > 0) throw unknownFields(found);
}

/** @throws {Problem} `http.unknown_field` */
export function unknownFields(fields: readonly FieldProblem[]): Problem {
  return new Problem(`There is no such field: ${fields[0]?.pointer ?? ''}.`, {
    code: 'http.unknown_field',
    kind: 'invalid',
    fields: fields.slice(0, shownMax),
  });
}

export function unknown(pointer: string): FieldProblem {
  return { pointer, code: 'unknown', message: 'There is no such field.' };
}

function childOf(shape: Shape, key: string, parent: object): Shape | undefined {
  if (shape.type === 'object') return shape.fields.get(key);
  if (shape.type === 'record') return shape.value;
  if (shape.type !== 'union') return undefined;
  const tag: unknown = Object.getOwnPropertyDescriptor(parent, shape.discriminator)?.value;
  const chosen = shape.cases.get(tag);
  // Which case is meant is the schema's question; until then no key of it is known to be wrong.
  return chosen === undefined ? { type: 'leaf', scalar: 'string' } : childOf(chosen, key, parent);
}

function tooMuch(code: 'http.too_deep' | 'http.too_many_keys', message: string): Problem {
  return new Problem(message, { code, kind: 'invalid' });
}
