import { useWords } from '../core/locale.tsx';
import english from '../messages/charts-en.json';
import { linePath } from './ticks.ts';

export interface AgeBucket {
  readonly label: string;
  readonly value: number;
  /** The figure in words: for speech. */
  readonly text: string;
}

const gapPercent = 0.35;
const bucketsMax = 5;

/** One bar, parted by age: not due, then ever later. The table beside it has the figures. */
export function AgeBar({ buckets }: { readonly buckets: readonly AgeBucket[] }) {
  const words = useWords(english);
  const total = buckets.reduce((sum, { value }) => sum + Math.max(0, value), 0);
  if (total === 0) return <p className="muted">{words('chart_none')}</p>;
  let begin = 0;
  return (
    <svg
      className="aged"
      role="img"
      aria-label={buckets.map(({ label, text }) => `${label} ${text}`).join(', ')}
    >
      {buckets.slice(0, bucketsMax).map(({ label, value }, at) => {
        const part = (Math.max(0, value) / total) * 100;
        const x = begin;
        begin += part;
        return (
          <rect
            key={label}
            className={`k${at}`}
            x={`${x.toFixed(2)}%`}
            width={`${Math.max(0, part - gapPercent).toFixed(2)}%`}
            height="28"
          />
        );
      })}
    </svg>
  );
}

/** The square that ties a row of the table to its part of the bar. */
export function AgeKey({ at }: { readonly at: number }) {
  return <span className={`key k${at}`} />;
}

interface SparkProps {
  /** Null is a gap. */
  readonly values: readonly (number | null)[];
  /** A dashed line: an objective. */
  readonly limit?: number | undefined;
  readonly label: string;
}

const sparkWidth = 120;
const sparkHeight = 24;

/** The course of a figure, without axes. */
export function Spark({ values, limit, label }: SparkProps) {
  const known = values.filter((value) => value !== null);
  const most = Math.max(...known, limit ?? 0, 1e-9);
  const xOf = (at: number) => (at / Math.max(1, values.length - 1)) * sparkWidth;
  const yOf = (value: number) => sparkHeight - (value / most) * (sparkHeight - 2) - 1;
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${sparkWidth} ${sparkHeight}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {limit !== undefined && <path className="lim" d={`M0 ${yOf(limit)}H${sparkWidth}`} />}
      <path d={linePath(values, xOf, yOf)} />
    </svg>
  );
}
