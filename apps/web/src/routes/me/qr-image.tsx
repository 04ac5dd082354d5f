import { qrCode } from './qr-code.ts';

const quietModules = 4;
const sidePx = 196;

/** Dark on white in both themes: many readers know nothing else. */
export function QrImage({ text, label }: { readonly text: string; readonly label: string }) {
  const rows = qrCode(text);
  const size = rows.length + 2 * quietModules;
  const path = rows
    .flatMap((row, y) =>
      row.map((dark, x) => (dark ? `M${x + quietModules} ${y + quietModules}h1v1h-1z` : '')),
    )
    .join('');
  return (
    <svg
      role="img"
      aria-label={label}
      width={sidePx}
      height={sidePx}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
