import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
const json: unknown = JSON.parse(text);

export const version =
  typeof json === 'object' && json !== null && 'version' in json ? String(json.version) : '0.0.0';
