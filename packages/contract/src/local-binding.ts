import { Problem, type Ctx } from '@plinth/core';
import type { z } from '@plinth/core/z';

import type { Client, Implementation, Module, Operation } from './contract.ts';

/**
 * `full` also parses the answers (development, tests); `edge` trusts the type system for them;
 * `clone` sends both through JSON text, which reveals a shared object.
 */
export type ContractCheck = 'full' | 'edge' | 'clone';

export interface LocalOptions {
  readonly check: ContractCheck;
}

type Run = (ctx: Ctx, input: unknown) => unknown;
const depthMax = 32;
const deadlineMs = { query: 10_000, command: 15_000, stream: 900_000 } as const;

/** Units of work that whoever opened them made for one command, and that it has not yet entered. */
const offered = new WeakSet<object>();

/**
 * Lets the next command that gets this unit of work in its context run inside it: how http makes a command's
 * effect and its stored answer one commit. Any other command with an open unit of work is refused.
 */
export function offerUnitOfWork(unitOfWork: object): void {
  offered.add(unitOfWork);
}

/** An offered unit is entered once: what its command calls finds it taken. */
function isForeign(unitOfWork: unknown): boolean {
  if (unitOfWork === undefined) return false;
  return typeof unitOfWork !== 'object' || unitOfWork === null || !offered.delete(unitOfWork);
}

/**
 * Binds a module to its implementation in this process, with the behaviour it would have over a network:
 * nothing is shared, nothing but Problems comes back, permissions are asked on the implementation's side.
 *
 * @throws {Problem} `rpc.bad_input`, `auth.forbidden`, `contract.call_in_transaction`, and what the operation throws.
 */
export function bindLocal<module extends Module>(
  { module, handlers }: Implementation<module>,
  { check }: LocalOptions,
): Client<module> {
  const calls = Object.entries(module.operations).map(([name, operation]) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- implement() has matched handlers and operations
    const run = handlers[name as keyof typeof handlers] as unknown as Run;
    return [name, bindOperation(`${module.name}.${name}`, operation, run, check)] as const;
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one call for each operation of the module
  return Object.fromEntries(calls) as unknown as Client<module>;
}

function bindOperation(place: string, operation: Operation, run: Run, check: ContractCheck): Run {
  const timeoutMs = operation.deadline ?? deadlineMs[operation.type];
  const prepare = (ctx: Ctx, raw: unknown): { ctx: Ctx; input: unknown } => {
    if (operation.type === 'command' && isForeign(ctx.unitOfWork)) {
      throw new Problem(`${place} is called inside an open transaction.`, {
        code: 'contract.call_in_transaction',
        kind: 'internal',
      });
    }
    checkPermission(ctx, operation);
    const input = parseInput(place, operation.input, check === 'clone' ? cloneJson(raw) : raw);
    return { ctx: withDeadline(ctx, timeoutMs), input };
  };
  if (operation.type === 'stream') {
    return async function* call(outer, raw) {
      const { ctx, input } = prepare(outer, raw);
      try {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a stream's handler returns an iterable
        for await (const item of run(ctx, input) as AsyncIterable<unknown>) {
          yield check === 'edge' ? item : parseOutput(place, operation.item, item);
        }
      } catch (error) {
        throw Problem.from(error);
      }
    };
  }
  return async (outer, raw) => {
    const { ctx, input } = prepare(outer, raw);
    try {
      const output = await run(ctx, input);
      if (check === 'edge') return freeze(output, 0);
      const parsed = parseOutput(place, operation.output, output);
      return check === 'clone' ? cloneJson(parsed) : freeze(parsed, 0);
    } catch (error) {
      throw Problem.from(error);
    }
  };
}

function checkPermission({ actor }: Ctx, { permission }: Operation): void {
  if (permission === 'public' || actor.permissions.has(permission)) return;
  if (actor.kind === 'anonymous') {
    throw new Problem('Sign in first.', { code: 'auth.required', kind: 'unauthenticated' });
  }
  throw new Problem(`This needs the permission ${permission}.`, {
    code: 'auth.forbidden',
    kind: 'forbidden',
    context: { permission },
  });
}

/** @throws {Problem} `rpc.bad_input`, with the pointer of each field that does not fit. */
export function parseInput(place: string, schema: z.ZodType, raw: unknown): unknown {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw new Problem(`The input of ${place} does not fit.`, {
    code: 'rpc.bad_input',
    kind: 'invalid',
    fields: result.error.issues.map(({ path, code, message }) => ({
      pointer: path
        .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
        .join(''),
      code,
      message,
    })),
  });
}

function parseOutput(place: string, schema: z.ZodType, output: unknown): unknown {
  const result = schema.safeParse(output);
  if (result.success) return result.data;
  throw new Problem(`The answer of ${place} is not what its contract says.`, {
    code: 'rpc.bad_output',
    kind: 'internal',
    cause: result.error,
  });
}

function withDeadline(ctx: Ctx, timeoutMs: number): Ctx {
  const deadline = ctx.clock.mono() + timeoutMs;
  return deadline >= ctx.deadline ? ctx : { ...ctx, deadline };
}

function cloneJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** Caller and module may both keep the answer: neither can change the other's. */
function freeze(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (depth > depthMax) {
    throw new Problem(`An answer is nested deeper than ${depthMax}.`, {
      code: 'rpc.too_deep',
      kind: 'tooLarge',
    });
  }
  for (const part of Object.values(value)) freeze(part, depth + 1);
  return Object.freeze(value);
}
