import { createIds, noLog, systemClock } from '@plinth/core';
import type { DeadLetter, Lag, MessagingAdmin } from '@plinth/messaging';

import type { CommandContext, CommandDef, Outcome } from './command.ts';
import { CommandFailure, exitCodes } from './exit.ts';
import { withDatabase } from './with-database.ts';

const rowsDefault = 50;
const rowsMax = 10_000;
/** Past it a person looks: the alert's bound. */
const lagSecondsMax = 30;

export const events: CommandDef = {
  name: 'events',
  summary: 'show how late events are, send dead ones again, pause and resume subscriptions',
  examples: ['plinth events lag', 'plinth events redrive --subscription audit.trail --all'],
  flags: {
    subscription: { type: 'string', value: 'NAME', doc: 'of this subscription only' },
    reason: {
      type: 'string',
      value: 'WHY',
      oneOf: ['failed', 'permanent', 'bad-body', 'lane-full', 'beyond-inbox-window'],
      doc: 'dead for this reason only',
    },
    limit: { type: 'string', value: 'N', doc: `letters to list (default ${rowsDefault})` },
    all: { type: 'boolean', doc: 'redrive: every dead event of --subscription' },
    why: { type: 'string', value: 'TEXT', doc: 'pause: what the audit says' },
    by: { type: 'string', value: 'NAME', doc: 'who does it, for the audit (default: $USER)' },
  },
  run: runEvents,
};

const acts = { lag, dead, show, redrive, pause, resume };
type Act = (admin: MessagingAdmin, context: CommandContext) => Promise<Outcome>;

function isAct(name: string): name is keyof typeof acts {
  return Object.hasOwn(acts, name);
}

async function runEvents(context: CommandContext): Promise<Outcome> {
  const [name = ''] = context.flags.words;
  if (!isAct(name)) {
    throw new CommandFailure(
      `Events can do ${Object.keys(acts).join(', ')}.`,
      exitCodes.usage,
      'plinth events lag',
    );
  }
  const { createMessaging } = await import('@plinth/messaging');
  return withDatabase(context, (database) => {
    const newId = createIds(systemClock);
    const messaging = createMessaging({ database, clock: systemClock, newId, log: noLog });
    const act: Act = acts[name];
    return act(messaging.admin, context);
  });
}

async function lag(admin: MessagingAdmin, { terminal }: CommandContext): Promise<Outcome> {
  const subscriptions = await admin.lag();
  if (!terminal.json) terminal.out(formatLag(subscriptions));
  const isBad = subscriptions.some(
    ({ lagSeconds, pausedBy }) => lagSeconds > lagSecondsMax || pausedBy !== null,
  );
  return { exitCode: isBad ? exitCodes.bad : exitCodes.done, result: { subscriptions } };
}

const line = (cells: readonly string[]) => `${cells.join('  ').trimEnd()}\n`;

function formatLag(rows: readonly Lag[]): string {
  if (rows.length === 0) return 'There is no subscription yet: none has started.\n';
  const width = Math.max(...rows.map(({ subscription }) => subscription.length), 12);
  const head = ['subscription'.padEnd(width), '    lag s', ' pending', '    held', '    dead'];
  return [
    line(head),
    ...rows.map((row) =>
      line([
        row.subscription.padEnd(width),
        row.lagSeconds.toFixed(1).padStart(9),
        ...[row.pending, row.held, row.dead].map((count) => String(count).padStart(8)),
        row.pausedBy === null ? '' : `paused by ${row.pausedBy}: ${row.pausedWhy ?? ''}`,
      ]),
    ),
  ].join('');
}

async function dead(admin: MessagingAdmin, context: CommandContext): Promise<Outcome> {
  const { flags, terminal } = context;
  const limit = flags.count('limit', 1, rowsMax) ?? rowsDefault;
  const letters: Omit<DeadLetter, 'body'>[] = [];
  for await (const { body: _, ...letter } of admin.dead(queryOf(context))) {
    letters.push(letter);
    if (letters.length === limit) break;
  }
  if (!terminal.json) {
    for (const { id, subscription, name, reason, attempts, diedAt, error } of letters) {
      terminal.out(
        `${id}  ${diedAt}  ${subscription}  ${name}  ${reason} (${attempts})  ${error}\n`,
      );
    }
    terminal.err(`${letters.length} dead.\n`);
  }
  return { exitCode: exitCodes.done, result: { letters } };
}

function queryOf({ flags }: CommandContext) {
  const subscription = flags.text('subscription');
  const reason = flags.text('reason');
  return {
    ...(subscription === undefined ? {} : { subscription }),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the flag is one of these
    ...(reason === undefined ? {} : { reason: reason as DeadLetter['reason'] }),
  };
}

async function show(admin: MessagingAdmin, { flags, terminal }: CommandContext): Promise<Outcome> {
  const id = needed(flags.words[1], 'Show which? Name an id of plinth events dead.');
  for await (const letter of admin.dead({})) {
    if (letter.id !== id) continue;
    if (!terminal.json) terminal.out(`${JSON.stringify(letter, undefined, 2)}\n`);
    return { exitCode: exitCodes.done, result: { letter } };
  }
  throw new CommandFailure(`There is no dead event ${id}.`, exitCodes.bad, 'plinth events dead');
}

async function redrive(admin: MessagingAdmin, context: CommandContext): Promise<Outcome> {
  const { flags, terminal } = context;
  const ids = flags.words.slice(1);
  const subscription = flags.text('subscription');
  if ((ids.length === 0) === (subscription === undefined || !flags.is('all'))) {
    throw new CommandFailure(
      'Redrive ids, or every one of a subscription: --subscription NAME --all.',
      exitCodes.usage,
      'plinth events dead',
    );
  }
  const selection =
    ids.length > 0 ? { ids } : { all: true as const, subscription: subscription ?? '' };
  const { moved, batch } = await admin.redrive(selection, actorOf(context));
  if (!terminal.json) terminal.out(`${moved} sent again, ahead of what waits behind them.\n`);
  return { exitCode: exitCodes.done, result: { moved, batch } };
}

async function pause(admin: MessagingAdmin, context: CommandContext): Promise<Outcome> {
  const name = needed(context.flags.words[1], 'Pause which subscription?');
  const why = needed(context.flags.text('why'), 'Say why: --why TEXT.');
  await admin.pause(name, actorOf(context), why);
  if (!context.terminal.json) context.terminal.out(`${name} is paused.\n`);
  return { exitCode: exitCodes.done, result: { subscription: name, paused: true } };
}

async function resume(admin: MessagingAdmin, context: CommandContext): Promise<Outcome> {
  const name = needed(context.flags.words[1], 'Resume which subscription?');
  await admin.resume(name, actorOf(context));
  if (!context.terminal.json) context.terminal.out(`${name} goes on.\n`);
  return { exitCode: exitCodes.done, result: { subscription: name, paused: false } };
}

function needed(word: string | undefined, question: string): string {
  if (word !== undefined) return word;
  throw new CommandFailure(question, exitCodes.usage, 'plinth events --help');
}

function actorOf({ flags, environment }: CommandContext) {
  const id = flags.text('by') ?? environment['USER'] ?? 'unknown';
  return { kind: 'operator', id } as const;
}
