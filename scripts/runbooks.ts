import type { AlertRule } from '@plinth/telemetry/render';

/** A runbook's sections, in this order; whoever is woken knows where to look. */
const headings = ['What it means', 'See it', 'Do now', 'Find the cause', 'Undo', 'Drill'] as const;

export interface Runbook {
  readonly alert: string;
  readonly text: string;
}

export interface RunbookFacts {
  /** The alerts of the rules. */
  readonly alerts: ReadonlySet<string>;
  /** The commands of `plinth`. */
  readonly commands: ReadonlySet<string>;
  /** `rules.test.yml`, where a drill may be a case of promtool. */
  readonly ruleTests: string;
}

/** What is wrong with the runbooks, a sentence each: none of an alert, one of no alert, a section or command that is not there. */
export function judgeRunbooks(runbooks: readonly Runbook[], facts: RunbookFacts): string[] {
  const names = new Set(runbooks.map(({ alert }) => alert));
  return [
    ...[...facts.alerts]
      .filter((alert) => !names.has(alert))
      .map((alert) => `The alert ${alert} has no docs/runbooks/${alert}.md.`),
    ...runbooks.flatMap((runbook) =>
      judge(runbook, facts).map((what) => `docs/runbooks/${runbook.alert}.md: ${what}`),
    ),
  ];
}

function judge({ alert, text }: Runbook, { alerts, commands, ruleTests }: RunbookFacts): string[] {
  const found = [...text.matchAll(/^## (.+)$/gmu)].map(([, heading]) => heading);
  const unknown = [...text.matchAll(/\bplinth ([a-z-]+)/gu)]
    .map(([, command = '']) => command)
    .filter((command) => !commands.has(command));
  const drill = sectionOf(text, 'Drill');
  const isTested = ruleTests.includes(`- name: ${alert} `);
  return [
    ...(alerts.has(alert) ? [] : ['there is no such alert.']),
    ...(found.join() === headings.join() ? [] : [`its sections are not ${headings.join(', ')}.`]),
    ...(firstCommand(text) === undefined ? ['"See it" begins with no command.'] : []),
    ...(drill.includes('```') ? [] : ['its drill has no command.']),
    ...(drill.includes('promtool') && !isTested ? ['rules.test.yml has no case of it.'] : []),
    ...unknown.map((command) => `there is no command plinth ${command}.`),
  ];
}

function sectionOf(text: string, heading: string): string {
  return text.split(`## ${heading}\n`)[1]?.split(/^## /mu)[0] ?? '';
}

/** The command that is pasted first. */
export function firstCommand(text: string): string | undefined {
  return /^\n```\n(.+)\n```\n/u.exec(sectionOf(text, 'See it'))?.[1];
}

/** A row an alert: when it fires, what to ask first, where to read on. */
export function renderIndex(rules: readonly AlertRule[], runbooks: readonly Runbook[]): string {
  const rows = runbooks.map(({ alert, text }) => {
    const own = rules.filter((rule) => rule.alert === alert);
    const when = own.map((rule) => `${rule.severity}: ${rule.summary} (${rule.for})`);
    const first = (firstCommand(text) ?? '').replaceAll('|', String.raw`\|`);
    return `| [${alert}](${alert}.md) | ${[...new Set(when)].join('<br>')} | \`${first}\` |\n`;
  });
  return `# Alerts\n\nRendered from \`topology/kpi.ts\` by \`node scripts/render-monitoring.ts\`; the rules are in \`topology/prometheus/rules.yml\`.\n\n| alert | when (for how long) | first command |\n|---|---|---|\n${rows.join('')}`;
}
