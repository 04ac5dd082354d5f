import type { z } from '@plinth/core/z';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';

import { Problem } from '@plinth/core/problem';

import { useWords } from '../core/locale.tsx';
import english from '../messages/forms-en.json';
import { FormStore } from './form-store.ts';
import { type FormTranslate, issueText } from './issue-text.ts';
import { getAt, type Path } from './path.ts';

export interface SaveContext {
  readonly signal: AbortSignal;
  /** Of this intent: the same until an answer came. */
  readonly idempotencyKey: string;
  /** The version that was read, where the form changes something. */
  readonly ifMatch: string | undefined;
}

export interface FormOptions<schema extends z.ZodType, answer> {
  /** The contract's own: it comes with the form's chunk. The server stays the judge. */
  readonly schema: schema;
  readonly initial: z.input<schema>;
  /** Of what is changed; absent for what is created. An answer's `version` takes its place. */
  readonly version?: string | undefined;
  save(values: z.output<schema>, context: SaveContext): Promise<answer>;
  saved?(answer: answer): void;
  /** What is there now, for the choice after a 412. */
  load?(): Promise<{ readonly values: z.input<schema>; readonly version: string }>;
  /** Words for codes of the server's; default its own message. */
  textOf?(code: string): string | undefined;
}

export interface Conflict {
  readonly theirs: unknown;
  readonly version: string;
}

export interface Form {
  readonly store: FormStore;
  readonly busy: boolean;
  /** Why it is not saved; undefined while nothing is wrong. */
  readonly problem: Problem | undefined;
  readonly conflict: Conflict | undefined;
  readonly words: FormTranslate;
  submit(): void;
  /** Checks one field: it was left, or it was wrong and is being put right. */
  check(path: Path): void;
  /** Ends a conflict: saves these values over theirs, or takes theirs. */
  resolve(values: unknown, take: 'mine' | 'theirs'): void;
}

const busyTriesMax = 5;
const busyWaitMs = 1_000;

/** A form over a contract's schema: checked while it is filled, saved once however often it is sent. ui-kit.md §6. */
export function useForm<schema extends z.ZodType, answer>(
  options: FormOptions<schema, answer>,
): Form {
  const words = useWords(english);
  const latest = useRef(options);
  latest.current = options;
  const store = useMemo(() => new FormStore(options.initial), []);
  const version = useRef(options.version);
  const [state, setState] = useState<SaveState>(idle);
  useSyncExternalStore(store.subscribe, () => store.values);
  const send = useSender({ store, options: latest, version, setState, words });
  return {
    store,
    ...state,
    words,
    submit: () => void send(),
    check: (path) => checkField(store, latest.current.schema, path, words),
    resolve(values, take) {
      const theirs = state.conflict;
      if (theirs === undefined) return;
      version.current = theirs.version;
      setState(idle);
      if (take === 'theirs') {
        store.reset(theirs.theirs);
        return;
      }
      store.replace(values);
      void send();
    },
  };
}

interface SaveState {
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly conflict: Conflict | undefined;
}

const idle: SaveState = { busy: false, problem: undefined, conflict: undefined };

function checkField(store: FormStore, schema: z.ZodType, path: Path, words: FormTranslate): void {
  const issue = issuesOf(store.values, schema, words).find((one) => one.path === path);
  store.setFault(path, issue?.text);
}

function issuesOf(values: unknown, schema: z.ZodType, words: FormTranslate) {
  const parsed = schema.safeParse(values, { reportInput: true });
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    return { path, text: issueText({ ...issue, input: getAt(values, path) }, words) };
  });
}

interface Ref<value> {
  current: value;
}

interface Sender<schema extends z.ZodType, answer> {
  readonly store: FormStore;
  readonly options: Ref<FormOptions<schema, answer>>;
  readonly version: Ref<string | undefined>;
  setState(state: SaveState): void;
  readonly words: FormTranslate;
}

/** Sends once at a time, under one key until an answer came. */
function useSender<schema extends z.ZodType, answer>({
  store,
  options,
  version,
  setState,
  words,
}: Sender<schema, answer>): () => Promise<void> {
  const running = useRef(false);
  const intent = useRef<{ readonly key: string; readonly text: string } | undefined>(undefined);
  const left = useMemo(() => new AbortController(), []);
  useEffect(() => () => left.abort(), [left]);
  return async () => {
    if (running.current) return;
    const parsed = options.current.schema.safeParse(store.values);
    store.setFaults(issuesOf(store.values, options.current.schema, words));
    if (!parsed.success || store.hasUnread) return focusFirst(store);
    running.current = true;
    setState({ ...idle, busy: true });
    const text = JSON.stringify([parsed.data, version.current]);
    if (intent.current?.text !== text) intent.current = { key: crypto.randomUUID(), text };
    const context = {
      signal: left.signal,
      idempotencyKey: intent.current.key,
      ifMatch: version.current,
    };
    try {
      const answer = await saveOnce(() => options.current.save(parsed.data, context));
      intent.current = undefined;
      version.current = versionIn(answer) ?? version.current;
      store.settle();
      setState(idle);
      options.current.saved?.(answer);
    } catch (error) {
      const problem = Problem.from(error);
      if (!isLost(problem)) intent.current = undefined;
      setState(await explain(problem, store, options.current));
    } finally {
      running.current = false;
    }
  };
}

/** What was saved is saved again from where it is now. */
function versionIn(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('version' in answer)) return undefined;
  return typeof answer.version === 'string' ? answer.version : undefined;
}

/** The first try may still run on the server: then its answer is waited for. */
async function saveOnce<answer>(save: () => Promise<answer>): Promise<answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await save();
    } catch (error) {
      const { code, retryAfterMs = busyWaitMs } = Problem.from(error);
      if (code !== 'http.idempotency_busy' || tries === busyTriesMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
    }
  }
}

async function explain<schema extends z.ZodType, answer>(
  problem: Problem,
  store: FormStore,
  { load, textOf }: FormOptions<schema, answer>,
): Promise<SaveState> {
  if (problem.kind === 'stale' && load !== undefined) {
    const now = await load().catch(() => undefined);
    if (now !== undefined) {
      return { ...idle, conflict: { theirs: now.values, version: now.version } };
    }
  }
  if (problem.fields !== undefined) {
    store.setProblems(problem.fields, ({ code, message }) => textOf?.(code) ?? message);
    focusFirst(store);
  }
  return { ...idle, problem };
}

/** The answer may be lost while the thing was done. */
function isLost({ kind }: Problem): boolean {
  return ['unavailable', 'timeout', 'cancelled', 'internal', 'overloaded'].includes(kind);
}

function focusFirst(store: FormStore): void {
  const [first] = store.allFaults;
  if (first === undefined) return;
  requestAnimationFrame(() => document.getElementById(fieldId(first[0]))?.focus());
}

/** The element of a field: faults link to it. */
export function fieldId(path: Path): string {
  return `field-${path.replaceAll('.', '-')}`;
}
