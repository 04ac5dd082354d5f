export { createClient, type ClientOptions } from './client.ts';
export type { BrowserClient, CallOptions, RouteTable, UrlOptions } from './types-of-calls.ts';
