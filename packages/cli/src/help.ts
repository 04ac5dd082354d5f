import type { CommandDef } from './command.ts';
import { commonFlags, type Flag } from './flags.ts';

export function overview(commands: readonly Pick<CommandDef, 'name' | 'summary'>[]): string {
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`);
  return ['plinth COMMAND [FLAGS]', '', ...rows, '', 'plinth COMMAND --help tells more.', ''].join(
    '\n',
  );
}

export function help({ name, summary, flags, examples }: CommandDef): string {
  const rows = Object.entries({ ...flags, ...commonFlags }).map(formatFlag);
  return [
    `plinth ${name}: ${summary}`,
    '',
    ...rows,
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

function formatFlag([name, { type, value, doc, oneOf }]: [string, Flag]): string {
  const left = type === 'string' ? `--${name} ${value ?? 'TEXT'}` : `--${name}`;
  const right = oneOf === undefined ? doc : `${doc}: ${oneOf.join(', ')}`;
  return `  ${left.padEnd(22)} ${right}`;
}
