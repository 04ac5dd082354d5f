import { queryOf } from '../data/queries.ts';

export const forecastQuery = queryOf('reporting', 'cashForecast', {});

export type Forecast = Awaited<ReturnType<(typeof forecastQuery)['queryFn']>>;
