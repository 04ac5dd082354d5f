import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The `Link` header of a page's address: what the page needs beside what its HTML names. */
export type PageLinks = (path: string) => string | undefined;

interface Page {
  readonly parts: readonly string[];
  readonly link: string;
}

/**
 * `preload.json` beside the shell: `[["/invoices/:id", ["/assets/page.0123abcd.js"]]]`, the first that fits counts.
 * A browser then asks for a page's chunks while it still reads the script that would import them.
 */
export async function readPageLinks(folder: string): Promise<PageLinks> {
  const text = await readFile(join(folder, 'preload.json'), 'utf8').catch(() => '[]');
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) throw malformed();
  const pages = parsed.map(readPage);
  return (path) => {
    const parts = partsOf(path);
    return pages.find((page) => fits(page.parts, parts))?.link;
  };
}

function readPage(entry: unknown): Page {
  if (!Array.isArray(entry)) throw malformed();
  const [pattern, files]: readonly unknown[] = entry;
  if (typeof pattern !== 'string' || !Array.isArray(files)) throw malformed();
  const links = files.map((file: unknown) => {
    if (typeof file !== 'string' || !/^\/assets\/[\w.-]+\.js$/u.test(file)) throw malformed();
    return `<${file}>; rel=modulepreload`;
  });
  return { parts: partsOf(pattern), link: links.join(', ') };
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.length !== parts.length) return false;
  return pattern.every((part, at) => part.startsWith(':') || part === parts[at]);
}

function malformed(): TypeError {
  return new TypeError('preload.json names scripts by page: [["/path/:id", ["/assets/…js"]]].');
}
