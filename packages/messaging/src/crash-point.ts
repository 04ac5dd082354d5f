/** Ends this process as a power failure would, if the configuration names this point. */
export function crashPoint(name: string, crashAt: string | undefined): void {
  if (crashAt === name) process.kill(process.pid, 'SIGKILL');
}
