import { useId, useState } from 'react';

import { useLocale, useWords } from '../core/locale.tsx';
import { numberFormat } from '../format/index.ts';
import english from '../messages/charts-en.json';
import { linePath, round, ticksTo } from './ticks.ts';

export interface Bar {
  readonly label: string;
  /** From the bottom up: low, then what is added to it. Null: nothing is known. */
  readonly parts: readonly (number | null)[];
  /** Where a click leads: the list behind the figure. */
  readonly href?: string | undefined;
}

interface BarsProps {
  /** Says what is shown, for speech. */
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Names of the parts, at most two. */
  readonly parts: readonly string[];
  /** A dashed line over the bars: last year. */
  readonly line?:
    | { readonly label: string; readonly values: readonly (number | null)[] }
    | undefined;
  /** A figure in full: for speech, the legend and the table. */
  format(value: number): string;
}

const height = 196;
const slot = 100;
const barWidth = 56;

/** Stacked bars from zero, with the same figures as a table. Arrow keys walk and speak; a click goes to the list. */
export function Bars(props: BarsProps) {
  const { title, bars, parts, line, format } = props;
  const words = useWords(english);
  const [asTable, setAsTable] = useState(false);
  const [at, setAt] = useState<number | undefined>(undefined);
  const known = bars.some((bar) => bar.parts.some((value) => value !== null && value !== 0));
  return (
    <figure>
      {asTable ? (
        <BarsTable {...props} />
      ) : (
        <div className="chart">
          <Axis {...props} />
          <Plot {...props} onAt={setAt} />
          <div className="x num" aria-hidden="true">
            {bars.map(({ label }) => (
              <span key={label}>{label}</span>
            ))}
          </div>
        </div>
      )}
      {!known && <p className="muted">{words('chart_none')}</p>}
      <figcaption className="legend" aria-label={title}>
        {parts.map((label, part) => (
          <span key={label}>
            <i className={`key b${part}`} />
            {label}
          </span>
        ))}
        {line !== undefined && (
          <span>
            <i className="key ln" />
            {line.label}
          </span>
        )}
        <span className="said num" role="status">
          {at === undefined ? '' : saidOf(bars[at], parts, format)}
        </span>
        <button type="button" className="link" onClick={() => setAsTable(!asTable)}>
          {words(asTable ? 'chart_as_chart' : 'chart_as_table')}
        </button>
      </figcaption>
    </figure>
  );
}

function ticksOf({ bars, line }: BarsProps): number[] {
  const sums = bars.map((bar) => sumOf(bar));
  const values = line?.values.filter((value) => value !== null) ?? [];
  return ticksTo(Math.max(0, ...sums, ...values));
}

function sumOf({ parts }: Bar): number {
  return parts.reduce((sum: number, value) => sum + (value ?? 0), 0);
}

function saidOf(
  bar: Bar | undefined,
  parts: readonly string[],
  format: BarsProps['format'],
): string {
  if (bar === undefined) return '';
  const figures = parts.map((name, at) => {
    const value = bar.parts[at] ?? null;
    return `${name} ${value === null ? '–' : format(value)}`;
  });
  return `${bar.label}: ${figures.join(', ')}`;
}

function Axis(props: BarsProps) {
  const { formats } = useLocale();
  const compact = numberFormat(formats.locale, { notation: 'compact' });
  return (
    <div className="y num" aria-hidden="true">
      {ticksOf(props)
        .toReversed()
        .map((tick) => (
          <span key={tick}>{compact.format(tick)}</span>
        ))}
    </div>
  );
}

function Plot(props: BarsProps & { onAt(at: number | undefined): void }) {
  const { title, bars, parts, line, format, onAt } = props;
  const ticks = ticksOf(props);
  const most = ticks.at(-1) ?? 1;
  const yOf = (value: number) => round(height - (value / most) * height);
  const width = bars.length * slot;
  const id = useId();
  return (
    <svg
      className="plot"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="group"
      aria-labelledby={id}
    >
      <title id={id}>{title}</title>
      {ticks.map((tick) => (
        <path
          key={tick}
          className={tick === 0 ? 'ax' : 'gl'}
          d={`M0 ${yOf(tick)}H${width}`}
          vectorEffect="non-scaling-stroke"
        />
      ))}
      {bars.map((bar, at) => (
        <Stack key={bar.label} bar={bar} at={at} yOf={yOf} />
      ))}
      {line !== undefined && (
        <path
          className="ln"
          d={linePath(line.values, (at) => at * slot + slot / 2, yOf)}
          vectorEffect="non-scaling-stroke"
        />
      )}
      {bars.map((bar, at) => (
        <Hit key={bar.label} bar={bar} at={at} label={saidOf(bar, parts, format)} onAt={onAt} />
      ))}
    </svg>
  );
}

interface StackProps {
  readonly bar: Bar;
  readonly at: number;
  yOf(value: number): number;
}

function Stack({ bar, at, yOf }: StackProps) {
  let base = 0;
  return (
    <>
      {bar.parts.map((value, part) => {
        const from = base;
        base += value ?? 0;
        const top = yOf(base);
        return (
          <rect
            // oxlint-disable-next-line react/no-array-index-key -- a part is its place in the stack
            key={part}
            className={`b${part}`}
            x={at * slot + (slot - barWidth) / 2}
            y={top}
            width={barWidth}
            height={Math.max(0, yOf(from) - top)}
          />
        );
      })}
    </>
  );
}

interface HitProps {
  readonly bar: Bar;
  readonly at: number;
  readonly label: string;
  onAt(at: number | undefined): void;
}

/** The whole slot of a bar: for pointer and keys. */
function Hit({ bar, at, label, onAt }: HitProps) {
  const area = (
    <rect
      className="hit"
      x={at * slot}
      y="0"
      width={slot}
      height={height}
      tabIndex={bar.href === undefined && at === 0 ? 0 : -1}
      role={bar.href === undefined ? 'img' : undefined}
      aria-label={label}
      onPointerEnter={() => onAt(at)}
      onPointerLeave={() => onAt(undefined)}
      onFocus={() => onAt(at)}
      onBlur={() => onAt(undefined)}
      onKeyDown={(event) => {
        const to = {
          ArrowRight: 'nextElementSibling',
          ArrowLeft: 'previousElementSibling',
        } as const;
        const key = event.key === 'ArrowRight' || event.key === 'ArrowLeft' ? event.key : undefined;
        const next = key === undefined ? null : event.currentTarget[to[key]];
        if (next instanceof SVGElement && next.classList.contains('hit')) next.focus();
      }}
    />
  );
  return bar.href === undefined ? (
    area
  ) : (
    <a href={bar.href} aria-label={label}>
      {area}
    </a>
  );
}

function BarsTable({ title, bars, parts, line, format }: BarsProps) {
  const shown = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : format(value);
  return (
    <div className="scroll">
      <table className="tbl dense">
        <caption className="sr">{title}</caption>
        <thead>
          <tr>
            <td />
            {[...parts, ...(line === undefined ? [] : [line.label])].map((name) => (
              <th key={name} className="end" scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="num">
          {bars.map((bar, at) => (
            <tr key={bar.label}>
              <th scope="row">{bar.label}</th>
              {parts.map((name, part) => (
                <td key={name} className="end">
                  {shown(bar.parts[part])}
                </td>
              ))}
              {line !== undefined && <td className="end">{shown(line.values[at])}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
