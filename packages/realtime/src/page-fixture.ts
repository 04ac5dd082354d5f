import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';

/** Serves the page, and to it the client's files as they are, without their types. */
export function clientPages(html: string): (path: string, response: ServerResponse) => void {
  return (path, response) => {
    if (!path.startsWith('/client/')) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
      return;
    }
    const source = readFileSync(new URL(`.${path}`, import.meta.url), 'utf8');
    const script = stripTypeScriptTypes(source);
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
  };
}
