export { describe, judgeRun, type GateRow, type Judgement, type Verdict } from './gate.ts';
export { Histogram } from './histogram.ts';
export { createRandom, createZipf, type Random } from './random.ts';
export { formatReport, toJson, writeReport, type ReportFacts } from './report.ts';
export { run, type RunOptions, type RunResult } from './runner.ts';
export type { DataSet, Mix, Scenario, Step } from './scenario.ts';
export type { Slice } from './tally.ts';
export { tiers, type Tier } from './tiers.ts';
export { createVisitor, type Account, type Visitor } from './visitor.ts';
