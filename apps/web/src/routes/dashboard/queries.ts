import { queryOf } from '../../data/queries.ts';

type AnswerOf<query extends { queryFn(context: never): Promise<unknown> }> = Awaited<
  ReturnType<query['queryFn']>
>;

export const dashboardQuery = queryOf('reporting', 'getDashboard', {});

export type Dashboard = AnswerOf<typeof dashboardQuery>;
/** The figures of one currency. */
export type Figures = Dashboard['currencies'][number];
