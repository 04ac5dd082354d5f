import { browser } from './browser.ts';
import { connectIn, type Client, type ConnectOptions } from './client.ts';
import type { Environment } from './environment.ts';
import { openSocket } from './socket.ts';

const socketBrowser: Environment = { ...browser, transport: 'ws', open: openSocket };

/**
 * Live channels of the server in a browser, over one connection for all its tabs.
 *
 * @param options.transport `ws` for pages that often change what they hear. Default `sse`.
 */
export function connect(
  options: Omit<ConnectOptions, 'environment'> & { readonly transport?: 'sse' | 'ws' },
): Client {
  const environment = options.transport === 'ws' ? socketBrowser : browser;
  return connectIn({ ...options, environment });
}
