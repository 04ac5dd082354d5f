import type { ComponentChildren } from './children.ts';

interface BarProps {
  /** 0 to 1. */
  readonly ratio: number;
  /** Says the figure: «40 percent paid». */
  readonly label: string;
  readonly tone?: 'accent' | 'danger' | undefined;
}

/** A thin bar in a table's cell. */
export function Meter({ ratio, label, tone = 'accent' }: BarProps) {
  return (
    <svg className="meter" role="img" aria-label={label}>
      <rect className="bk" width="100%" height="4" />
      <rect className={tone === 'danger' ? 'bad' : 'fg'} width={toPercent(ratio)} height="4" />
    </svg>
  );
}

/** How much of an invoice is paid. */
export function PayLine({ ratio, label }: BarProps) {
  return (
    <svg className="payline" role="img" aria-label={label}>
      <rect width={toPercent(ratio)} height="6" />
    </svg>
  );
}

interface ProgressProps {
  /** 0 to 1. */
  readonly done: number;
  /** Of the whole, at the end of what is done: rows with errors. */
  readonly failed?: number | undefined;
  readonly label: string;
  readonly children?: ComponentChildren;
}

/** How far a job is; the words below say it in figures. */
export function Progress({ done, failed = 0, label, children }: ProgressProps) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(done * 100)}
    >
      <svg className="prog" aria-hidden="true">
        <rect className="bk" width="100%" height="8" />
        <rect className="bad" width={toPercent(done)} height="8" />
        <rect className="fg" width={toPercent(done - failed)} height="8" />
      </svg>
      {children}
    </div>
  );
}

function toPercent(ratio: number): string {
  return `${(Math.min(1, Math.max(0, ratio)) * 100).toFixed(2)}%`;
}
