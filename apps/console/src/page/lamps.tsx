import { Spark } from '@plinth/ui/charts';
import { Chip } from '@plinth/ui/core';

import type { Lamp } from '../answers.ts';
import { inUnit, lampClass, lampGlyph, lampTone, limitText } from './format.ts';

/** Each lamp of the KPI file: state by glyph and word, value, limit, the last 15 minutes. */
export function Lamps({ lamps }: { readonly lamps: readonly Lamp[] }) {
  return (
    <ul className="lamps" aria-label="Lamps">
      {lamps.map((lamp) => (
        <OneLamp key={lamp.alert} lamp={lamp} />
      ))}
    </ul>
  );
}

function OneLamp({ lamp }: { readonly lamp: Lamp }) {
  const { of, alert, value, unit, warn, state, becomes, where, course } = lamp;
  const shown = becomes ?? state;
  const limit = 'above' in warn ? warn.above : warn.below;
  const measured = course.filter((one) => one !== null).length;
  return (
    <li className={`lamp ${lampClass[shown]}`}>
      <div className="name" title={where === '' ? alert : `${alert}: ${where}`}>
        <span>{nameOf(lamp)}</span>
        <Chip tone={lampTone[shown]} glyph={lampGlyph[shown]}>
          {becomes === null ? state : `${becomes} soon`}
        </Chip>
      </div>
      <div className="value num">{inUnit(value, unit)}</div>
      <Spark
        values={course}
        limit={limit}
        label={`${of}, ${alert}: ${measured} values of the last 15 minutes, now ${inUnit(value, unit)}`}
      />
      <div className="ends">
        <span>{limitText(warn, unit)}</span>
      </div>
    </li>
  );
}

/** Two lamps may watch the same thing. */
function nameOf({ of, alert, name }: Lamp): string {
  if (alert === 'EventLoopDelay') return 'Event loop';
  return of === 'Latency' ? `${of} ${name.slice(-3)}` : of;
}
