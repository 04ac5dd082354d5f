import { useId } from 'react';

import type { ComponentChildren } from './children.ts';
import { Icon, type IconName } from './icon.tsx';

interface PanelProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** At the end of the panel's head: a link, a figure. */
  readonly more?: ComponentChildren;
  /** Of the twelve columns of `.cols`. */
  readonly span?: 4 | 5 | 6 | 7 | 8 | 12 | undefined;
  /** Lists and tables reach the panel's edges. */
  readonly flush?: boolean | undefined;
  /** Beside the title, muted. */
  readonly note?: ComponentChildren;
}

export function Panel({ title, children, more, span, flush = false, note }: PanelProps) {
  const heading = useId();
  return (
    <section className={span === undefined ? 'panel' : `panel c${span}`} aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{title}</h2>
        {note !== undefined && <span className="muted">{note}</span>}
        {more !== undefined && <span className="more">{more}</span>}
      </header>
      {flush ? children : <div className="body">{children}</div>}
    </section>
  );
}

interface TileProps {
  readonly label: string;
  readonly figure: ComponentChildren;
  readonly detail?: ComponentChildren;
  readonly href?: string | undefined;
}

/** One figure of a strip of tiles; with `href` the way to what it counts. */
export function Tile({ label, figure, detail, href }: TileProps) {
  const inside = (
    <>
      <span className="k">{label}</span>
      <p className="figure num">{figure}</p>
      <span className="d num">{detail}</span>
    </>
  );
  return href === undefined ? (
    <div className="tile">{inside}</div>
  ) : (
    <a className="tile" href={href}>
      {inside}
    </a>
  );
}

interface FactsProps {
  readonly items: readonly (readonly [name: string, value: ComponentChildren])[];
}

/** Names at the start, values at the end. */
export function Facts({ items }: FactsProps) {
  return (
    <dl className="kv">
      {items.map(([name, value]) => (
        <FactLine key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

function FactLine({ name, value }: { readonly name: string; readonly value: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

export interface TimelineEvent {
  readonly id: string;
  readonly icon: IconName;
  readonly tone?: 'ok' | 'warn' | 'danger' | undefined;
  readonly text: ComponentChildren;
  readonly detail?: ComponentChildren;
  readonly time: string;
  /** It has not happened yet. */
  readonly next?: boolean | undefined;
}

/** Events along a line, newest or oldest first as given. */
export function Timeline({ events }: { readonly events: readonly TimelineEvent[] }) {
  return (
    <ol className="events">
      {events.map(({ id, icon, tone, text, detail, time, next }) => (
        <li key={id} className={next === true ? 'next' : undefined}>
          <Icon name={icon} tone={tone} />
          <span className={tone === 'danger' ? 'danger' : undefined}>
            {text}
            {detail !== undefined && <small>{detail}</small>}
          </span>
          <time>{time}</time>
        </li>
      ))}
    </ol>
  );
}

interface StepsProps {
  readonly steps: readonly string[];
  /** Index of the present one. */
  readonly at: number;
}

export function Steps({ steps, at }: StepsProps) {
  return (
    <ol className="steps">
      {steps.map((step, index) => (
        <li
          key={step}
          className={index < at ? 'done' : undefined}
          aria-current={index === at ? 'step' : undefined}
        >
          <span className="n">{index < at ? <Icon name="check" /> : index + 1}</span>
          {step}
        </li>
      ))}
    </ol>
  );
}
