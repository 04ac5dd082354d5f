#!/usr/bin/env node
// Starts the command on the pinned Node: the host's own may be older than what the sources need.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeMajorMin = 24;

if (Number.parseInt(process.versions.node, 10) >= nodeMajorMin) {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  // Who reads no further, `head`, has what it wanted.
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process);
  // A command that is done ends, also where a library left a timer behind; its output is out by then.
  setTimeout(() => process.exit(), 2_000).unref();
} else {
  const require = createRequire(import.meta.url);
  const node = join(dirname(require.resolve('node/package.json')), 'bin', 'node');
  const self = fileURLToPath(import.meta.url);
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`The pinned Node does not start (${error.message}). Run npm ci.\n`);
    process.exitCode = 4;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
