/** Where a process can be made to die, for drills and tests. */
export const crashPoints = [
  /** The page is written or confirmed, and not yet committed. */
  'relay.page',
  /** Brokers have confirmed the page; nothing says so yet. */
  'relay.published',
  'relay.committed',
  /** An owner has made its queue; nothing says so yet. */
  'queue.made',
  'queue.bound',
  'claimed',
  'handled',
  'committed',
] as const;

/** Ends this process as a power failure would, if the configuration names this point. */
export function crashPoint(name: (typeof crashPoints)[number], crashAt: string | undefined): void {
  if (crashAt === name) process.kill(process.pid, 'SIGKILL');
}
