import type { z } from '@plinth/core/z';

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const leaves = new Set(['string', 'number', 'int', 'boolean', 'null', 'enum', 'literal', 'never']);
const wrappers = new Set(['optional', 'nullable', 'readonly', 'nonoptional']);

/**
 * Refuses a schema whose values do not survive JSON as they are.
 *
 * @param isInput a command's input may have defaults and refinements; an answer may not.
 * @throws {TypeError} naming the path.
 */
export function checkWireSubset(schema: z.ZodType, path: string, isInput: boolean): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the definition that every Zod 4 schema carries
  const def = (schema as unknown as { _zod: { def: Node } })._zod.def;
  if (leaves.has(def.type)) return;
  if (wrappers.has(def.type) || (def.type === 'default' && path.includes(' input'))) {
    checkWireSubset(asSchema(def['innerType']), path, isInput);
    return;
  }
  switch (def.type) {
    case 'array':
      checkWireSubset(asSchema(def['element']), `${path}[]`, isInput);
      return;
    case 'record':
      checkWireSubset(asSchema(def['valueType']), `${path}{}`, isInput);
      return;
    case 'object':
      for (const [key, value] of Object.entries(asShape(def['shape']))) {
        checkWireSubset(value, `${path}.${key}`, isInput);
      }
      return;
    case 'union':
      if (typeof def['discriminator'] !== 'string') {
        throw new TypeError(`${path}: a union needs a discriminator`);
      }
      for (const [index, option] of asSchemas(def['options']).entries()) {
        checkWireSubset(option, `${path}|${index}`, isInput);
      }
      return;
    default:
      throw new TypeError(`${path}: ${def.type} does not survive JSON`);
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a definition's part, as Zod 4 declares it
const asSchema = (value: unknown): z.ZodType => value as z.ZodType;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- likewise
const asSchemas = (value: unknown): readonly z.ZodType[] => value as readonly z.ZodType[];
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- likewise
const asShape = (value: unknown): Record<string, z.ZodType> => value as Record<string, z.ZodType>;
