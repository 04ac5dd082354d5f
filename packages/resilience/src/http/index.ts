export { httpClient, type HttpClient, type HttpClientOptions } from './client.ts';
export type { CallerCtx, HttpRequest, HttpResult, HttpStream } from './exchange.ts';
