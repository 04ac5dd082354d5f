import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const timeoutMs = 60_000;

/** A mistake that each probe must find: without it the probe would prove nothing. */
const mutants = [
  {
    name: 'M1: the position is captured after the factory',
    file: 'cache-node.ts',
    from: ': flight.capture.position;',
    to: ': log.known;',
    probes: ['R1', 'R5', 'R13'],
  },
  {
    name: 'M2: a flight is joined whatever its position',
    file: 'cache-node.ts',
    from: 'return flight.capture.position >= Math.max(reader.after, newest) ? flight : undefined;',
    to: 'return newest >= -1 ? flight : undefined;',
    probes: ['R3'],
  },
  {
    name: 'M2b: a tag that was found too late is not looked at',
    file: 'cache-node.ts',
    from: 'if (this.#mayHave(flight, reader, tagsThen)) return value;',
    to: 'if (this.#mayHave(flight, reader, undefined)) return value;',
    probes: ['R3b'],
  },
  {
    name: 'M6: grace looks at time only',
    file: 'cache-node.ts',
    from: 'stale.position >= log.hard(stale.key, stale.tags);',
    to: 'log.hard(stale.key, stale.tags) >= -1;',
    probes: ['R7'],
  },
  {
    name: 'M12: what was read is kept, wherever it was read',
    file: 'cache-node.ts',
    from: "log.data.isEnough(newest, at))) return 'data';",
    to: "log.data.isEnough(-1, at))) return 'data';",
    probes: ['R14'],
  },
  {
    name: 'a flight of a scope that may not fill is shared',
    file: 'cache-node.ts',
    from: "reader.fills ? 'shared' : 'private'",
    to: "'shared'",
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

for (const { name, file, from, to, probes } of mutants) {
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
    await writeFile(path, source.replace(from, to));

    for (const probe of probes) {
      const args = ['--test', '--test-reporter=tap', `--test-name-pattern=^${probe} `];
      const probing = run(process.execPath, [...args, join(folder, 'src', 'races.test.ts')], {
        cwd: folder,
        env: {},
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
