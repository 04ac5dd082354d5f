import { useEffect, useRef, useState } from 'react';

import { IconButton } from '../core/button.tsx';
import { useLocale } from '../core/locale.tsx';
import { addDays, day, endOfMonth, month, type PlainDate } from '../format/index.ts';
import type { FormTranslate } from './issue-text.ts';

interface CalendarProps {
  readonly selected: PlainDate;
  readonly words: FormTranslate;
  onDay(day: PlainDate): void;
}

const daysAWeek = 7;
const steps: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -daysAWeek,
  ArrowDown: daysAWeek,
  PageUp: -4 * daysAWeek,
  PageDown: 4 * daysAWeek,
};

/** One month, weeks from Monday; arrows move by days, Page keys by four weeks. */
export function Calendar({ selected, words, onDay }: CalendarProps) {
  const { formats, today } = useLocale();
  const [at, setAt] = useState(selected);
  const table = useRef<HTMLTableElement>(null);
  useEffect(() => table.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus(), [at]);
  const first = `${at.slice(0, 7)}-01`;
  const days = weeksOf(first);
  return (
    <div className="calendar">
      <div className="head">
        <IconButton
          icon="up"
          label={words('month_previous')}
          onClick={() => setAt(addDays(first, -1))}
        />
        <strong aria-live="polite">{month(at, formats)}</strong>
        <IconButton
          icon="down"
          label={words('month_next')}
          onClick={() => setAt(addDays(endOfMonth(at), 1))}
        />
      </div>
      <table
        ref={table}
        onKeyDown={(event) => {
          const step = steps[event.key];
          if (step === undefined) return;
          event.preventDefault();
          setAt(addDays(at, step));
        }}
      >
        <tbody>
          {days.map((week) => (
            <tr key={week[0]}>
              {week.map((date) => (
                <td key={date}>
                  <button
                    type="button"
                    tabIndex={date === at ? 0 : -1}
                    aria-label={day(date, formats)}
                    aria-current={date === today ? 'date' : undefined}
                    aria-pressed={date === selected}
                    className={date.startsWith(at.slice(0, 7)) ? undefined : 'muted'}
                    onClick={() => onDay(date)}
                  >
                    {Number(date.slice(8))}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function weeksOf(first: PlainDate): PlainDate[][] {
  const weekday = (new Date(`${first}T00:00:00Z`).getUTCDay() + daysAWeek - 1) % daysAWeek;
  const begin = addDays(first, -weekday);
  return Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: daysAWeek }, (__, at) => addDays(begin, week * daysAWeek + at)),
  );
}
