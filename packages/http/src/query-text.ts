import { Problem } from '@plinth/core';

import type { Scalar, Shape } from './schema-facts.ts';
import { unknown, unknownFields } from './unknown-keys.ts';

type Input = Record<string, unknown>;

/**
 * Reads a query into the fields of an input: repeated keys into arrays, texts into what the schema asks for. A
 * text that is no such value stays a text, and the schema says what is wrong with it.
 *
 * @throws {Problem} `http.unknown_field`, `http.duplicate_field`, `http.too_many_fields`.
 */
export function readQuery(
  input: Input,
  query: string,
  fields: ReadonlyMap<string, Shape>,
  fieldsMax: number,
): void {
  if (query === '') return;
  const parts = query.split('&');
  if (parts.length > fieldsMax) {
    throw new Problem(`A query has at most ${fieldsMax} fields.`, {
      code: 'http.too_many_fields',
      kind: 'invalid',
    });
  }
  for (const part of parts) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const name = decode(at === -1 ? part : part.slice(0, at));
    const text = at === -1 ? '' : decode(part.slice(at + 1));
    const shape = fields.get(name);
    if (shape === undefined) throw unknownFields([unknown(`/${name}`)]);
    if (shape.type === 'array') {
      const list = input[name];
      const value = coerce(text, scalarOf(shape.element));
      if (Array.isArray(list)) list.push(value);
      else input[name] = [value];
    } else if (Object.hasOwn(input, name)) {
      throw new Problem(`${name} stands more than once.`, {
        code: 'http.duplicate_field',
        kind: 'invalid',
      });
    } else {
      input[name] = coerce(text, scalarOf(shape));
    }
  }
}

const numberForm = /^-?\d{1,17}(?:\.\d{1,17})?$/u;

export function coerce(text: string, scalar: Scalar): string | number | boolean {
  if (scalar === 'number') return numberForm.test(text) ? Number(text) : text;
  if (scalar === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

export function scalarOf(shape: Shape): Scalar {
  return shape.type === 'leaf' ? shape.scalar : 'string';
}

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new Problem('The query is not percent-encoded UTF-8.', {
      code: 'http.bad_query',
      kind: 'invalid',
      cause: error,
    });
  }
}
