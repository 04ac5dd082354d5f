import { browser } from './browser.ts';
import { connectIn, type Client, type ConnectOptions } from './client.ts';

/** Live channels of the server in a browser, over one connection for all its tabs. */
export function connect(options: Omit<ConnectOptions, 'environment'>): Client {
  return connectIn({ ...options, environment: browser });
}
