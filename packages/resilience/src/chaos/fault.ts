/** What is done to a call on purpose. */
export type Fault =
  | { readonly kind: 'latency'; readonly ms: number | readonly [number, number] }
  | { readonly kind: 'fault'; readonly error: string }
  | { readonly kind: 'outcome'; readonly status: number; readonly body?: unknown }
  | { readonly kind: 'behavior'; readonly run: string };
