import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const timeoutMs = 200_000;

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly probe: string;
  /** A part of its name. */
  readonly finds: string;
  /** Needs a cluster of its own for one mistake: left to the long run. */
  readonly isSlow?: true;
}

/** A mistake that its probe must find: without it the probe would prove nothing. */
const mutants: readonly Mutant[] = [
  {
    name: 'a tracked position is believed without a proof',
    file: 'hosts/reading.ts',
    from: 'if (least === undefined || proof.lsn >= least) return true;',
    to: 'if (least === undefined || proof.lsn >= 0n) return true;',
    probe: 'read-your-writes.fault.test.ts',
    finds: 'never read older data',
  },
  {
    name: 'the end of a page is not made the same for all',
    file: 'position.ts',
    from: 'return offset === pageHeadBytes || offset === segmentHeadBytes ? lsn - offset : lsn;',
    to: 'return offset === -1n || pageHeadBytes === segmentHeadBytes ? lsn - offset : lsn;',
    probe: 'positions.fault.test.ts',
    finds: 'positions hold',
    isSlow: true,
  },
  {
    name: 'a commit’s position is what was written to the disk',
    file: 'position.ts',
    from: "'select pg_current_wal_insert_lsn()::text,",
    to: "'select pg_current_wal_lsn()::text,",
    probe: 'positions.fault.test.ts',
    finds: 'positions hold',
    isSlow: true,
  },
  {
    name: 'a standby’s timeline is not looked at',
    file: 'hosts/hosts.ts',
    from: '!host.isLate && host.timeline >= this.timelines.highest',
    to: '!host.isLate && host.timeline >= 0',
    probe: 'failover.fault.test.ts',
    finds: 'what a failover lost',
    isSlow: true,
  },
  {
    name: 'a position that was lost is judged by reads only',
    file: 'routing.ts',
    from: 'if (seen !== false) await seen.judgeBeforeWrite();',
    to: 'if (seen === undefined) return seen;',
    probe: 'failover.fault.test.ts',
    finds: 'what a failover lost',
    isSlow: true,
  },
];
// oxlint-disable-next-line node/no-process-env -- tests have no configuration of their own
const { PATH = '', PLINTH_TEST_LONG } = process.env;
const wanted = mutants.filter(({ isSlow }) => PLINTH_TEST_LONG === '1' || isSlow !== true);

for (const { name, file, from, to, probe, finds } of wanted) {
  test(`${probe} finds this: ${name}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-mutant-'));
    t.after(() => rm(folder, { recursive: true }));
    const root = resolve(import.meta.dirname, '../..');
    for (const part of ['src', 'fixtures', 'migrations']) {
      await cp(join(root, part), join(folder, part), { recursive: true });
    }
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await symlink(resolve(root, '../../node_modules'), join(folder, 'node_modules'));
    const path = join(folder, 'src', file);
    const source = await readFile(path, 'utf8');
    assert.equal(source.split(from).length, 2, 'the patch fits in one place');
    await writeFile(
      path,
      source.replace(from, () => to),
    );

    const args = ['--test', '--test-reporter=tap', `--test-name-pattern=${finds}`];
    const failure: unknown = await run(
      process.execPath,
      [...args, join(folder, 'src/hosts', probe)],
      { cwd: folder, env: { PATH }, timeout: timeoutMs },
    ).then(
      () => undefined,
      (error: unknown) => error,
    );

    assert(failure instanceof Error && 'stdout' in failure, 'its probe is red');
    assert.match(String(failure.stdout), new RegExp(`not ok \\d+ - .*${finds}`, 'u'));
  });
}
