import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
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
  alertmanager: { packages: ['prometheus-alertmanager'], programs: ['prometheus-alertmanager'] },
  // Debian has no Kafka: Maven brings the broker, Debian what runs both.
  kafka: { packages: ['maven', 'default-jre-headless'], programs: ['mvn'] },
} as const;

const kafkaVersion = '3.9.1';
const kafkaProject = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>plinth</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

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
  if (missing.length > 0) await installPackages(missing);
  if (names.includes('kafka')) await installKafka();
}

async function installPackages(missing: readonly string[]): Promise<void> {
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

/** The broker with what it needs, for Java's class path; packages/testing starts it from there. */
async function installKafka(): Promise<void> {
  const cache = join(homedir(), '.cache');
  const folder = join(cache, `plinth/kafka-${kafkaVersion}`);
  if (await exists(folder)) return;
  console.error(`Fetching Kafka ${kafkaVersion} …`);
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'plinth-kafka-'));
  try {
    await writeFile(join(work, 'pom.xml'), kafkaProject);
    const goal = 'dependency:copy-dependencies';
    const options = [`-DoutputDirectory=${work}/jars`, '-DincludeScope=runtime'];
    await run('mvn', ['-q', '-B', '-f', join(work, 'pom.xml'), goal, ...options]);
    await mkdir(dirname(folder), { recursive: true });
    // Whole or not at all.
    await rename(join(work, 'jars'), folder);
  } catch (error) {
    console.error(`Kafka is not to be had: ${error instanceof Error ? error.message : ''}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
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
