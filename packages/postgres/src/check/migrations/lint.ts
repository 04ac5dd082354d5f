import type { MigrationFile } from '../../migrate/files.ts';
import { columnRules } from './column-rules.ts';
import { constraintRules } from './constraint-rules.ts';
import { History } from './history.ts';
import { lockRules } from './lock-rules.ts';
import { phaseRules } from './phase-rules.ts';
import { ruleNames, type Finding, type Rule, type RuleName, type Scene } from './rule.ts';
import { nameOf, parseFile, type Allowance, type ParsedFile } from './syntax.ts';
import { checkTenancy } from './tenancy-rules.ts';

export interface MigrationFault {
  readonly migration: string;
  readonly path: string;
  readonly line: number;
  readonly rule: RuleName | 'syntax' | 'allow' | 'n-beside' | 'released';
  readonly message: string;
  /** The safe form. */
  readonly instead: string;
}

/** A released file cannot be changed any more: what it may is said here, with the reason. */
export interface MigrationException {
  readonly migration: string;
  readonly rule: string;
  readonly reason: string;
}

export interface LintOptions {
  /** The last release that was made. Default `0.0.0`: none. */
  readonly release?: string;
}

const rules: readonly Rule[] = [...phaseRules, ...lockRules, ...columnRules, ...constraintRules];

/**
 * Finds in the text of migrations what would lock, rewrite or break the version that runs beside: by the
 * server's own parser, without a server. A statement is allowed by `-- allow: rule reason` above it.
 *
 * @param files of all modules, each module's in the order of their numbers.
 */
export async function lintMigrations(
  files: readonly MigrationFile[],
  { release = '0.0.0' }: LintOptions = {},
): Promise<MigrationFault[]> {
  const history = new History();
  const faults: MigrationFault[] = [];
  for (const file of files) {
    const scene = { file, history, release, locked: new Set<string>(), late: new Set<string>() };
    faults.push(...(await lintFile(scene)));
  }
  return faults;
}

/** Leaves out what is excepted by name; an exception that nothing needs is a fault of its own. */
export function excepted(
  faults: readonly MigrationFault[],
  exceptions: readonly MigrationException[],
): MigrationFault[] {
  const isExcepted = (fault: MigrationFault) =>
    exceptions.some(({ migration, rule }) => migration === fault.migration && rule === fault.rule);
  const idle = exceptions.filter(
    ({ migration, rule }) =>
      !faults.some((fault) => fault.migration === migration && fault.rule === rule),
  );
  return [
    ...faults.filter((fault) => !isExcepted(fault)),
    ...idle.map(({ migration, rule }) => ({
      migration,
      path: migration,
      line: 1,
      rule: 'allow' as const,
      message: `the exception from ${rule} is not needed`,
      instead: 'remove it',
    })),
  ];
}

async function lintFile(scene: Scene): Promise<MigrationFault[]> {
  const { file } = scene;
  const { name: migration, path } = file;
  let parsed: ParsedFile;
  try {
    parsed = await parseFile(file.sql);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ migration, path, line: 1, rule: 'syntax', message, instead: 'SQL' }];
  }
  const used = new Set<Allowance>();
  const faults: MigrationFault[] = [];
  const report = (line: number, allowances: readonly Allowance[], finding: Finding) => {
    const { rule, message, instead, location } = finding;
    const allowance = allowances.find((one) => one.rule === rule && one.reason !== '');
    if (allowance !== undefined) used.add(allowance);
    else {
      const at = location === undefined ? line : parsed.lineAt(location);
      faults.push({ migration, path, line: at, rule, message, instead });
    }
  };
  for (const finding of checkHeader(scene, parsed)) report(1, parsed.allowances, finding);
  for (const { node, line, allowances } of parsed.statements) {
    const all = [...allowances, ...parsed.allowances];
    for (const rule of rules) for (const found of rule(node, scene)) report(line, all, found);
    scene.history.add(node, file.name);
  }
  for (const found of checkTenancy(scene)) {
    const made = parsed.statements.find(
      ({ node }) => 'CreateStmt' in node && nameOf(node.CreateStmt.relation) === found.table,
    );
    report(made?.line ?? 1, [...(made?.allowances ?? []), ...parsed.allowances], found);
  }
  const given = [...parsed.allowances, ...parsed.statements.flatMap((one) => one.allowances)];
  return [...faults, ...checkAllowances(given, used, file)];
}

/** What stands at the top, against what is below it. */
function* checkHeader({ file, release }: Scene, { statements }: ParsedFile): Iterable<Finding> {
  if (file.phase === 'backfill' && (statements.length !== 1 || !file.inTransaction)) {
    yield {
      rule: 'phase',
      message: 'a backfill repeats one statement, each time in a transaction',
      instead: 'a file for each statement, without "-- transaction: off"',
    };
  }
  if (file.phase !== 'contract') return;
  if (file.after === undefined || compareReleases(file.after, release) > 0) {
    yield {
      rule: 'contract-after',
      message:
        file.after === undefined
          ? 'nobody can tell which release still needs what goes'
          : `release ${file.after} is not made yet (the last is ${release}): the version before still needs what goes`,
      instead: '"-- after: RELEASE", a release that runs everywhere and no longer uses it',
    };
  }
}

function* checkAllowances(
  given: readonly Allowance[],
  used: ReadonlySet<Allowance>,
  { name: migration, path }: MigrationFile,
): Iterable<MigrationFault> {
  const known: readonly string[] = [...ruleNames, 'n-beside'];
  const seen = new Set<number>();
  for (const { rule, reason, line } of given) {
    // One at the top stands above the first statement as well.
    if (seen.has(line)) continue;
    seen.add(line);
    const isUsed = rule === 'n-beside' || [...used].some((one) => one.line === line);
    const fault = { migration, path, line, rule: 'allow' } as const;
    if (!known.includes(rule)) {
      yield { ...fault, message: `there is no rule ${rule}`, instead: known.join(', ') };
    } else if (reason === '') {
      yield { ...fault, message: `no reason for ${rule}`, instead: `-- allow: ${rule} WHY` };
    } else if (!isUsed) {
      yield { ...fault, message: `nothing here needs ${rule} allowed`, instead: 'remove it' };
    }
  }
}

/** Below 0: the first is older. */
function compareReleases(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
