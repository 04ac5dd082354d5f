import type { z } from '@plinth/core/z';

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const leaves = new Set(['string', 'number', 'int', 'boolean', 'null', 'enum', 'literal', 'never']);
const wrappers = new Set(['optional', 'nullable', 'readonly', 'nonoptional']);

/** Inputs may have defaults, a command's also rules that no schema language can say. */
export type WirePlace = 'commandInput' | 'input' | 'output';

/**
 * Refuses a schema whose values do not survive JSON as they are.
 *
 * @param path names the schema in the error: `invoicing.getInvoice output`.
 * @throws {TypeError} naming the path.
 */
export function checkWireSubset(schema: z.ZodType, path: string, place: WirePlace): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the definition that every Zod 4 schema carries
  const def = (schema as unknown as { _zod: { def: Node } })._zod.def;
  if (place !== 'commandInput' && hasRefinement(def)) {
    throw new TypeError(`${path}: only a command's input is refined`);
  }
  if (leaves.has(def.type)) return;
  if (wrappers.has(def.type) || (def.type === 'default' && place !== 'output')) {
    checkWireSubset(asSchema(def['innerType']), path, place);
    return;
  }
  for (const [step, part] of partsOf(def, path)) checkWireSubset(part, `${path}${step}`, place);
}

/** The schemas inside one, each with its step in the path. */
function partsOf(def: Node, path: string): [string, z.ZodType][] {
  switch (def.type) {
    case 'array':
      return [['[]', asSchema(def['element'])]];
    case 'record':
      return [['{}', asSchema(def['valueType'])]];
    case 'object':
      return Object.entries(asShape(def['shape'])).map(([key, value]) => [`.${key}`, value]);
    case 'union':
      if (typeof def['discriminator'] !== 'string') {
        throw new TypeError(`${path}: a union needs a discriminator`);
      }
      return asSchemas(def['options']).map((option, index) => [`|${index}`, option]);
    default:
      throw new TypeError(`${path}: ${def.type} does not survive JSON`);
  }
}

function hasRefinement(def: Node): boolean {
  const checks = Array.isArray(def['checks']) ? def['checks'] : [];
  return checks.some((one) => asCheck(one)._zod.def.check === 'custom');
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a check, as Zod 4 declares it
const asCheck = (value: unknown) => value as { _zod: { def: { check: string } } };
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a definition's part, as Zod 4 declares it
const asSchema = (value: unknown): z.ZodType => value as z.ZodType;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- likewise
const asSchemas = (value: unknown): readonly z.ZodType[] => value as readonly z.ZodType[];
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- likewise
const asShape = (value: unknown): Record<string, z.ZodType> => value as Record<string, z.ZodType>;
