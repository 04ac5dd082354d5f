import { implement, type Implementation, type NamedEvent } from '@plinth/contract';
import { createPositionSession, type Ctx } from '@plinth/core';
import { invoicing } from '@plinth/invoicing';
import type { Envelope } from '@plinth/messaging';
import { payments } from '@plinth/payments';

import { agedReceivables, agedRows, type AgedQuery } from './aged-receivables.ts';
import { cashForecast, forecastRows, type ForecastQuery } from './cash-forecast.ts';
import { reporting } from './contract.ts';
import { getDashboard } from './get-dashboard.ts';
import type { ReportingNeeds } from './needs.ts';
import { revenueByMonth, type RevenueQuery } from './revenue-by-month.ts';

export type { ReportingNeeds } from './needs.ts';

/** A figure is served again for so long, if nothing that it shows was published meanwhile. */
const freshMs = 60_000;

/** Also registers the module's subscription: before messaging starts. */
export function createReporting(needs: ReportingNeeds): Implementation<typeof reporting> {
  forgetOnChange(needs);
  const aged = (ctx: Ctx, query: AgedQuery) =>
    cached(needs, ctx, ['aged', query], (at) => agedReceivables(needs, at, query));
  const revenue = (ctx: Ctx, query: RevenueQuery) =>
    cached(needs, ctx, ['revenue', query], (at) => revenueByMonth(needs, at, query));
  const forecast = (ctx: Ctx, query: ForecastQuery) =>
    cached(needs, ctx, ['forecast', query], (at) => cashForecast(needs, at, query));
  return implement(reporting, {
    getDashboard: (ctx, query) =>
      cached(needs, ctx, ['dashboard', query], (at) => getDashboard(needs, at, query)),
    agedReceivables: aged,
    revenueByMonth: revenue,
    cashForecast: forecast,
    async *exportAged(ctx: Ctx, query: AgedQuery) {
      yield* agedRows(await aged(ctx, query));
    },
    async *exportRevenue(ctx: Ctx, query: RevenueQuery) {
      yield* (await revenue(ctx, query)).months;
    },
    async *exportTaxRates(ctx: Ctx, query: RevenueQuery) {
      yield* (await revenue(ctx, { ...query, by: 'tax-rate' })).taxRates;
    },
    async *exportForecast(ctx: Ctx, query: ForecastQuery) {
      yield* forecastRows(await forecast(ctx, query));
    },
  });
}

async function cached<report>(
  { cache, database }: ReportingNeeds,
  ctx: Ctx,
  key: readonly unknown[],
  load: (ctx: Ctx) => Promise<report>,
): Promise<report> {
  const { tenant } = ctx;
  // Kept for all, so not older than what anybody was told: a replica that is behind must not fill it.
  const fill = async () => {
    const position = createPositionSession(await database.positions.newest());
    return load({ ...ctx, position });
  };
  return cache.getOrSet(`report:${tenant}:${JSON.stringify(key)}`, fill, {
    ttl: freshMs,
    tags: [tagOf(tenant)],
  });
}

function tagOf(tenant: string): string {
  return `reports:${tenant}`;
}

/** The figures of a tenant are read anew once one of its documents or payments changed. */
function forgetOnChange({ messaging, cache }: ReportingNeeds): void {
  const forget = async (envelopes: readonly Envelope[]): Promise<void> => {
    const tenants = new Set(envelopes.flatMap(({ tenant }) => (tenant === null ? [] : [tenant])));
    await cache.invalidate({ tags: [...tenants].map(tagOf) });
  };
  messaging.subscribe<NamedEvent>({
    name: 'reporting.forget',
    event: [...Object.values(invoicing.events), ...Object.values(payments.events)],
    handle: (envelope) => forget([envelope]),
    handleBatch: forget,
  });
}
