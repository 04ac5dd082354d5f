import type { Socket } from 'node:net';

import { serialize } from 'pg-protocol';

import { Batch, type Step } from './batch.ts';
import { Outgoing } from './outgoing.ts';
import { PreparedStatements, type Prepared } from './prepared.ts';
import type { Wire } from './wire.ts';

/** Of statements whose rows come in several answers. */
const portal = 'p';
const noValues: readonly null[] = [];
/** The protocol counts them in 16 bits. */
const parametersMax = 65_535;

/** Writes batches as messages, all of one tick in one write. */
export class Sender {
  readonly #socket: Pick<Socket, 'write'>;
  readonly #isNaming: boolean;
  readonly #statements: PreparedStatements;
  readonly #out = new Outgoing();
  #isScheduled = false;

  /** @param namedMax 0: nothing is prepared, for poolers that do not carry names. */
  constructor(socket: Pick<Socket, 'write'>, namedMax: number) {
    this.#socket = socket;
    this.#isNaming = namedMax > 0;
    this.#statements = new PreparedStatements(namedMax);
  }

  /** @throws {RangeError} for a statement of too many parameters; nothing is sent then. */
  send(wires: readonly Wire[]): Batch {
    for (const { values } of wires) {
      if (values !== undefined && values.length > parametersMax) {
        throw new RangeError(`A statement has ${values.length} parameters, ${parametersMax} fit.`);
      }
    }
    for (const name of this.#statements.takeToClose()) {
      this.#out.add(serialize.close({ type: 'S', name }));
    }
    const steps: Step[] = [];
    for (const wire of wires) steps.push(this.#write(wire));
    this.#out.sync();
    this.#schedule();
    return new Batch(this.#statements, steps);
  }

  /**
   * What is no batch: COPY, the end. It leaves at once, behind all that was sent.
   *
   * @returns false when the socket has enough for now.
   */
  sendNow(message: Buffer): boolean {
    this.flush();
    return this.#socket.write(message);
  }

  flush(): void {
    if (!this.#out.isEmpty) this.#socket.write(this.#out.take());
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  #write(wire: Wire): Step {
    const { name, values = noValues } = wire;
    if (wire.isContinued === true) {
      this.#out.add(serialize.execute({ portal, rows: wire.rowsMax ?? 0 }));
      return { prepared: undefined, columns: undefined };
    }
    const known = name === undefined ? undefined : this.#find(name);
    const columns = known?.columns;
    if (known !== undefined && columns !== undefined) {
      this.#execute(wire, known.name, values);
      return { prepared: known, columns };
    }
    const prepared = known === undefined ? this.#add(name) : undefined;
    const parsedName = prepared?.name ?? '';
    this.#out.add(serialize.parse({ name: parsedName, text: wire.text, types: [] }));
    this.#execute(wire, parsedName, values, true);
    return { prepared, columns: undefined };
  }

  /** While another batch makes it, a name is not relied on: that batch may fail before. */
  #add(name: string | undefined): Prepared | undefined {
    return name === undefined || !this.#isNaming ? undefined : this.#statements.add(name);
  }

  #find(name: string): Prepared | undefined {
    return this.#isNaming ? this.#statements.find(name) : undefined;
  }

  #execute(
    { rowsMax }: Wire,
    name: string,
    values: readonly (string | null)[],
    describes = false,
  ): void {
    const from = rowsMax === undefined ? '' : portal;
    this.#out.bind(from, name, values);
    if (describes) this.#out.add(serialize.describe({ type: 'P', name: from }));
    if (rowsMax === undefined) this.#out.executeAll();
    else this.#out.add(serialize.execute({ portal, rows: rowsMax }));
  }
}
