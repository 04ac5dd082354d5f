import type { Context } from '@plinth/postgres';

import type { IdentityNeeds } from './needs.ts';
import { dayIn } from './tenant-day.ts';
import { tenantZone } from './tenants-table.ts';

export interface Calendar {
  /** The tenant's day, `YYYY-MM-DD`. */
  today(context: Context): Promise<string>;
  /** Its day and its IANA zone: what list queries need. */
  calendar(context: Context): Promise<{ readonly today: string; readonly zone: string }>;
}

/** A tenant hardly ever moves: another process knows of it a minute later. */
const knownMs = 60_000;
const zonesMax = 10_000;

export function createCalendar({ database, clock }: IdentityNeeds): Calendar {
  const zones = new Map<string, { readonly zone: string; readonly untilMs: number }>();

  async function zoneOf(context: Context): Promise<string> {
    const known = zones.get(context.tenant);
    if (known !== undefined && known.untilMs > clock.mono()) return known.zone;
    const { zone } = await database.one(context, tenantZone, {});
    if (zones.size >= zonesMax) zones.clear();
    zones.set(context.tenant, { zone, untilMs: clock.mono() + knownMs });
    return zone;
  }
  async function calendar(context: Context) {
    const zone = await zoneOf(context);
    return { today: dayIn(zone, clock.now()), zone };
  }
  return { calendar, today: async (context) => (await calendar(context)).today };
}
