import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const timeoutMs = 60_000;

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly probes: readonly string[];
  /** Where its probes are; default: those of one node in memory. */
  readonly tests?: string;
  /** Its probe is red only at a deadline. */
  readonly isSlow?: true;
}

const drivers = 'drivers.fault.test.ts';
const faults = 'redis-faults.fault.test.ts';

/** A mistake that each probe must find: without it the probe would prove nothing. */
const mutants: readonly Mutant[] = [
  {
    name: 'M1: the position is captured after the factory',
    file: 'fills.ts',
    from: 'Math.min(capture.position, capture.applied) : capture.position;',
    to: 'Math.min(capture.position, capture.applied) : Number.MAX_SAFE_INTEGER;',
    probes: ['R1', 'R5', 'R13'],
  },
  {
    name: 'M2: a flight is joined whatever its position',
    file: 'judge.ts',
    from: 'return capture.position >= Math.max(reader.after, newest);',
    to: 'return newest >= -1;',
    probes: ['R3'],
  },
  {
    name: 'M2b: a tag that was found too late is not looked at',
    file: 'cache-node.ts',
    from: 'if (this.#judge.mayHave(flight, reader, request, tagsThen)) return value;',
    to: 'if (this.#judge.mayHave(flight, reader, request, undefined)) return value;',
    probes: ['R3b'],
  },
  {
    name: 'M3: the tail goes on at the newest entry instead of the last that was applied',
    file: 'redis/redis-log.ts',
    from: "'STREAMS', this.#key, from] as const",
    to: "'STREAMS', this.#key, '$'] as const",
    probes: ['R9'],
    tests: faults,
    isSlow: true,
  },
  {
    name: 'M4: an empty read confirms the tail',
    file: 'redis/redis-log.ts',
    from: 'await this.#checkTail(session);',
    to: 'this.#confirm(sentAt);',
    probes: ['R12'],
    tests: faults,
    isSlow: true,
  },
  {
    name: 'M5: what the second level had goes into L1 as of now',
    file: 'second-level.ts',
    from: 'const position = frame.seq;',
    to: 'const position = this.#needs.log.known;',
    probes: ['R18'],
    tests: drivers,
  },
  {
    name: 'M6: grace looks at time only',
    file: 'judge.ts',
    from: 'const isValid = stale.position >= log.hard(stale.key, stale.tags);',
    to: 'const isValid = log.hard(stale.key, stale.tags) >= -1;',
    probes: ['R7'],
  },
  {
    name: 'M7: a hole in the log is not seen',
    file: 'redis/redis-log.ts',
    from: 'if (seq !== this.#applied + 1) return false;',
    to: 'if (seq <= this.#applied) return false;',
    probes: ['R10'],
    tests: faults,
  },
  {
    name: 'M8: a session looks at no replid and at no end',
    file: 'redis/ensure-epoch.ts',
    from: 'if (isOurs && !isBelow(last, heard)) return',
    to: 'if (last !== undefined && (isOurs || !isBelow(last, undefined))) return',
    probes: ['R12'],
    tests: faults,
    isSlow: true,
  },
  {
    name: 'M10: an anchor sends nothing again',
    file: 'redis/redis-log.ts',
    from: 'const events = this.#own.all();',
    to: 'const events = this.#own.all().slice(0, 0);',
    probes: ['R19'],
    tests: faults,
  },
  {
    name: 'M11: what was read of a replica is stored as of what was known',
    file: 'fills.ts',
    from: 'Math.min(capture.position, capture.applied) : capture.position;',
    to: 'Math.max(capture.position, capture.applied) : capture.position;',
    probes: ['R14b'],
    tests: drivers,
  },
  {
    name: 'M12: what was read is kept, wherever it was read',
    file: 'fills.ts',
    from: 'log.data.isEnough(newest, at)',
    to: 'log.data.isEnough(-1, at)',
    probes: ['R14'],
  },
  {
    name: 'M13: the sources are not asked where they are',
    file: 'log-view.ts',
    from: 'this.data = new DataRings(false);',
    to: 'this.data = new DataRings(true);',
    probes: ['R14'],
  },
  {
    name: 'M14: a token of another epoch is compared by its number',
    file: 'judge.ts',
    from: 'return after !== -1 && epoch !== this.#needs.log.epoch;',
    to: 'return after !== -1 && epoch === -1;',
    probes: ['R19'],
  },
  {
    name: 'a flight of a scope that may not fill is shared',
    file: 'cache-node.ts',
    from: "const audience = reader.fills ? 'shared' : 'private';",
    to: "const audience = 'shared';",
    probes: ['R15'],
  },
  {
    name: 'set looks at no mark',
    file: 'writes.ts',
    from: 'if (log.newest(key, tags) > since) return undefined;',
    to: 'if (log.newest(key, tags) < -since) return undefined;',
    probes: ['R16'],
  },
];
// oxlint-disable-next-line node/no-process-env -- tests have no configuration of their own
const { PATH = '', PLINTH_TEST_LONG } = process.env;
const wanted = mutants.filter(({ isSlow }) => PLINTH_TEST_LONG === '1' || isSlow !== true);

for (const { name, file, from, to, probes, tests = 'races.test.ts' } of wanted) {
  test(`${probes.join(' and ')} find this: ${name}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-mutant-'));
    t.after(() => rm(folder, { recursive: true }));
    await cp(import.meta.dirname, join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await symlink(
      resolve(import.meta.dirname, '../../../node_modules'),
      join(folder, 'node_modules'),
    );
    const path = join(folder, 'src', file);
    const source = await readFile(path, 'utf8');
    assert.equal(source.split(from).length, 2, 'the patch fits in one place');
    await writeFile(
      path,
      source.replace(from, () => to),
    );

    for (const probe of probes) {
      const args = [
        '--test',
        '--test-isolation=none',
        '--test-reporter=tap',
        `--test-name-pattern=^${probe} `,
      ];
      const probing = run(process.execPath, [...args, join(folder, 'src', tests)], {
        cwd: folder,
        env: { PATH },
        timeout: timeoutMs,
      });

      const failure: unknown = await probing.then(
        () => undefined,
        (error: unknown) => error,
      );
      assert(failure instanceof Error && 'stdout' in failure, `${probe} is red`);
      assert.match(String(failure.stdout), new RegExp(`^ *not ok \\d+ - ${probe} `, 'mu'));
    }
  });
}
