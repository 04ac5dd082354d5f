import type { FieldProblem } from '@plinth/core/problem';

import { getAt, type Path, pathOf, setAt } from './path.ts';

const undoStepsMax = 100;

/** A fault that stands at a field, in the reader's words. */
export type Faults = ReadonlyMap<Path, string>;

/**
 * What a form holds: values, faults, what was touched, and the steps back. It knows no schema and no server;
 * `use-form.ts` does.
 */
export class FormStore {
  values: unknown;
  /** By the schema or the server. */
  faults: Faults = new Map();
  /** Faults of no field on the page. */
  general: readonly string[] = [];
  /** Rises with every change. */
  revision = 0;
  readonly #listeners = new Set<() => void>();
  /** What is typed and is no value: `12a` in an amount. It stops saving. */
  readonly #unread = new Map<Path, string>();
  readonly #labels = new Map<Path, string>();
  readonly #steps: unknown[] = [];
  #initial: unknown;

  constructor(initial: unknown) {
    this.values = initial;
    this.#initial = initial;
  }

  get dirty(): boolean {
    return this.values !== this.#initial || this.#unread.size > 0;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get(path: Path): unknown {
    return getAt(this.values, path);
  }

  set(path: Path, value: unknown): void {
    this.#unread.delete(path);
    if (Object.is(this.get(path), value)) return this.#tell();
    this.#keepStep();
    this.values = setAt(this.values, path, value);
    this.#clear(path);
    this.#tell();
  }

  /** All values at once, as one step. */
  replace(values: unknown): void {
    this.#keepStep();
    this.values = values;
    this.#tell();
  }

  /** What is typed cannot be read: the value stays as it was, and saving waits. */
  refuse(path: Path, fault: string): void {
    this.#unread.set(path, fault);
    this.#tell();
  }

  faultAt(path: Path): string | undefined {
    return this.#unread.get(path) ?? this.faults.get(path);
  }

  /** The field's name for summaries; registered while the field is on the page. */
  register(path: Path, label: string): () => void {
    this.#labels.set(path, label);
    return () => {
      this.#labels.delete(path);
      this.#unread.delete(path);
    };
  }

  labelOf(path: Path): string {
    return this.#labels.get(path) ?? path;
  }

  /** All faults, in the order of the fields on the page. */
  get allFaults(): readonly (readonly [Path, string])[] {
    const known = [...this.#labels.keys()].flatMap((path): (readonly [Path, string])[] => {
      const fault = this.faultAt(path);
      return fault === undefined ? [] : [[path, fault]];
    });
    return known;
  }

  get hasUnread(): boolean {
    return this.#unread.size > 0;
  }

  /** Takes the faults of a check in; those of fields that are not on the page go to the summary. */
  setFaults(faults: readonly { readonly path: Path; readonly text: string }[]): void {
    const known = faults.filter(({ path }) => this.#labels.has(path));
    const others = faults.filter(({ path }) => !this.#labels.has(path));
    this.faults = new Map(known.map(({ path, text }) => [path, text]));
    this.general = others.map(({ path, text }) => (path === '' ? text : `${path}: ${text}`));
    this.#tell();
  }

  /** Only this field's fault anew: it was left, or it was wrong and is being put right. */
  setFault(path: Path, text: string | undefined): void {
    const faults = new Map(this.faults);
    if (text === undefined) faults.delete(path);
    else faults.set(path, text);
    this.faults = faults;
    this.#tell();
  }

  /** What the server found: each at its field. */
  setProblems(problems: readonly FieldProblem[], textOf: (problem: FieldProblem) => string): void {
    this.setFaults(
      problems.map((problem) => ({ path: pathOf(problem.pointer), text: textOf(problem) })),
    );
  }

  /** Takes values as they are saved: nothing is dirty. */
  reset(values: unknown): void {
    this.values = values;
    this.#initial = values;
    this.faults = new Map();
    this.general = [];
    this.#unread.clear();
    this.#steps.length = 0;
    this.#tell();
  }

  /** Saved as it is. */
  settle(): void {
    this.#initial = this.values;
    this.#tell();
  }

  get initial(): unknown {
    return this.#initial;
  }

  undo(): void {
    const before = this.#steps.pop();
    if (before === undefined) return;
    this.values = before;
    this.#tell();
  }

  #keepStep(): void {
    this.#steps.push(this.values);
    if (this.#steps.length > undoStepsMax) this.#steps.shift();
  }

  /** A changed list's faults stand at other lines now. */
  #clear(path: Path): void {
    const inside = [...this.faults.keys()].filter((key) => key.startsWith(`${path}.`));
    if (inside.length === 0) return;
    const faults = new Map(this.faults);
    for (const key of inside) faults.delete(key);
    this.faults = faults;
  }

  #tell(): void {
    this.revision += 1;
    for (const listener of this.#listeners) listener();
  }
}
