import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Each engine of the tests: Debian's package, and the programs that show that it is there. */
const engines = {
  chromium: { packages: ['chromium'], programs: ['chromium', 'chromium-browser', 'google-chrome'] },
  postgresql: { packages: ['postgresql'], programs: ['pg_ctlcluster'] },
  pgbouncer: { packages: ['pgbouncer'], programs: ['pgbouncer'] },
  redis: { packages: ['redis-server'], programs: ['redis-server'] },
  rabbitmq: { packages: ['rabbitmq-server'], programs: ['rabbitmq-server'] },
  nginx: { packages: ['nginx'], programs: ['nginx'] },
  haproxy: { packages: ['haproxy'], programs: ['haproxy'] },
  prometheus: { packages: ['prometheus'], programs: ['prometheus'] },
} as const;

export type EngineName = keyof typeof engines;

/** Debian puts servers where an ordinary user does not look. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
const run = promisify(execFile);

/** Installs what is missing, as root; else prints the one command that does. */
export async function installEngines(names: readonly EngineName[]): Promise<void> {
  const missing: string[] = [];
  for (const name of names) {
    const { packages, programs } = engines[name];
    const isGiven = name === 'chromium' && process.env['CHROMIUM_PATH'] !== undefined;
    const found = await Promise.all(programs.map(isInstalled));
    if (!isGiven && !found.includes(true)) missing.push(...packages);
  }
  if (missing.length === 0) return;
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0 || !(await isInstalled('apt-get'))) {
    console.error(
      `Missing: ${missing.join(', ')}. Install them by: sudo apt-get ${install.join(' ')}`,
    );
    return;
  }
  console.error(`Installing ${missing.join(', ')} …`);
  await run('apt-get', ['update']);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn('apt-get', install, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`apt-get ${install.join(' ')} ended with ${String(code)}.`);
}

async function isInstalled(program: string): Promise<boolean> {
  for (const folder of folders) {
    try {
      await access(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // The next folder may have it.
    }
  }
  return false;
}

function isEngine(name: string): name is EngineName {
  return Object.hasOwn(engines, name);
}

if (import.meta.main) {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !isEngine(name));
  if (names.length === 0 || unknown.length > 0) {
    console.error(`Usage: node scripts/engines.ts NAME…, of ${Object.keys(engines).join(' ')}.`);
    process.exitCode = 2;
  } else {
    await installEngines(names.filter(isEngine));
  }
}
