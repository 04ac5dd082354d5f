import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

type Theme = 'light' | 'dark';

const text = await readFile(new URL('./tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...text.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/gu)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
);

/** WCAG 2.2: (L1 + 0.05) / (L2 + 0.05). */
function contrast(one: string, other: string, theme: Theme): number {
  const [low = 0, high = 0] = [one, other]
    .map((name) => luminance(tokens.get(name)?.[theme] ?? ''))
    .toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const planes = ['bg', 'surface', 'sunken', 'float'];
const states = ['danger', 'warn', 'ok', 'info'];
const series = ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'];

/** Ink, the planes it stands on, and the least ratio: 4.5 for text, 3 for edges, 5 for series. */
const pairs: readonly (readonly [string, readonly string[], number])[] = [
  ['text', [...planes, 'accent-soft', ...states.map((state) => `${state}-soft`)], 4.5],
  ['muted', [...planes, 'accent-soft', 'neutral-soft'], 4.5],
  ['control', [...planes, 'accent-soft'], 3],
  ['accent', planes, 4.5],
  ['on-accent', ['accent', 'accent-strong'], 4.5],
  ...states.map((state): [string, string[], number] => [state, ['bg', `${state}-soft`], 4.5]),
  ...series.map((name): [string, string[], number] => [name, ['bg'], 5]),
];

test('every ink has its contrast on every plane, in both themes', () => {
  const short = pairs.flatMap(([ink, on, least]) =>
    on.flatMap((plane) =>
      (['light', 'dark'] as const)
        .map((theme) => ({ ink, plane, theme, ratio: contrast(ink, plane, theme) }))
        .filter(({ ratio }) => !(ratio >= least)),
    ),
  );

  deepEqual(short, []);
});

test('the ratios are those that the design names', () => {
  const ratios = (ink: string, theme: Theme) =>
    ['bg', 'surface', 'sunken'].map((plane) => Number(contrast(ink, plane, theme).toFixed(1)));

  deepEqual(ratios('text', 'light'), [17.8, 16.6, 15.3]);
  deepEqual(ratios('text', 'dark'), [15.6, 14.5, 12.8]);
  deepEqual(ratios('muted', 'light'), [6.4, 6, 5.5]);
  equal(Number(contrast('on-accent', 'accent', 'light').toFixed(1)), 6.2);
  ok(tokens.size >= 28);
});
