/** Whether the service takes requests now: the health endpoint's own word. */
export async function isReady(signal: AbortSignal): Promise<boolean> {
  try {
    return (await fetch('/healthz/ready', { signal })).ok;
  } catch {
    return false;
  }
}
