import type { z } from '@plinth/core/z';

/** What a text of a path or a query stands for. */
export type Scalar = 'string' | 'number' | 'boolean';

/** The shape of a schema as far as the edge needs it: which keys there are. */
export type Shape =
  | { readonly type: 'leaf'; readonly scalar: Scalar }
  | { readonly type: 'object'; readonly fields: ReadonlyMap<string, Shape> }
  | { readonly type: 'array'; readonly element: Shape }
  | { readonly type: 'record'; readonly value: Shape }
  | {
      readonly type: 'union';
      readonly discriminator: string;
      readonly cases: ReadonlyMap<unknown, Shape>;
    };

interface Def {
  readonly type: string;
  readonly [key: string]: unknown;
}

const wrappers = new Set(['optional', 'nullable', 'default', 'readonly', 'nonoptional']);

/** @throws {TypeError} for a schema outside the wire subset, which `defineModule` refuses before. */
function shapeOf(schema: z.ZodType): Shape {
  const def = defOf(schema);
  if (wrappers.has(def.type)) return shapeOf(asSchema(def['innerType']));
  switch (def.type) {
    case 'object': {
      const entries = Object.entries(asRecord(def['shape']));
      const fields = entries.map(([key, value]): [string, Shape] => [key, shapeOf(value)]);
      return { type: 'object', fields: new Map(fields) };
    }
    case 'array':
      return { type: 'array', element: shapeOf(asSchema(def['element'])) };
    case 'record':
      return { type: 'record', value: shapeOf(asSchema(def['valueType'])) };
    case 'union':
      return unionOf(def);
    case 'number':
    case 'int':
      return { type: 'leaf', scalar: 'number' };
    case 'boolean':
      return { type: 'leaf', scalar: 'boolean' };
    default:
      return { type: 'leaf', scalar: 'string' };
  }
}

/** @throws {TypeError} unless the schema is an object: the flat input of an operation. */
export function fieldsOf(schema: z.ZodType, place: string): ReadonlyMap<string, Shape> {
  const shape = shapeOf(schema);
  if (shape.type === 'object') return shape.fields;
  throw new TypeError(`${place}: an input over HTTP is an object`);
}

function unionOf(def: Def): Shape {
  const discriminator = String(def['discriminator']);
  const cases = new Map<unknown, Shape>();
  for (const option of asSchemas(def['options'])) {
    const shape = shapeOf(option);
    const tag = asRecord(defOf(option)['shape'])[discriminator];
    if (tag === undefined) continue;
    const { values, entries } = defOf(tag);
    const literals = Array.isArray(values) ? values : Object.values(Object(entries));
    for (const literal of literals) cases.set(literal, shape);
  }
  return { type: 'union', discriminator, cases };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the definition that every Zod 4 schema carries
const defOf = (schema: z.ZodType): Def => (schema as unknown as { _zod: { def: Def } })._zod.def;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a definition's part, as Zod 4 declares it
const asSchema = (value: unknown): z.ZodType => value as z.ZodType;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- likewise
const asSchemas = (value: unknown): readonly z.ZodType[] => value as readonly z.ZodType[];
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- likewise
const asRecord = (value: unknown): Record<string, z.ZodType> => value as Record<string, z.ZodType>;
