import type { JobProgress } from './jobs.ts';

/** Tells who listens in this process what becomes of jobs. */
export class Hub {
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #onProgress: (tenant: string | null, view: JobProgress) => void;

  constructor(onProgress: (tenant: string | null, view: JobProgress) => void) {
    this.#onProgress = onProgress;
  }

  tell(tenant: string, view: JobProgress): void {
    this.#onProgress(tenantOf(tenant), view);
    for (const listener of this.#listeners.get(view.id) ?? []) listener();
  }

  /** @returns stops it. */
  listen(id: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }
}

/** Stored for what belongs to no tenant. */
export const noTenant = '_';

export function tenantOf(stored: string): string | null {
  return stored === noTenant ? null : stored;
}
