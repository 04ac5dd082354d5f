export type {
  CellTone,
  CellValue,
  CellKind,
  Column,
  FilterKind,
  FilterOption,
  Plain,
  Row,
  Status,
  Styled,
} from './column.ts';
export {
  type Clause,
  formatClause,
  type Operator,
  operatorsOf,
  parseClause,
  sameFilter,
  valuesWanted,
} from './filter.ts';
export { ColumnsMenu, FilterBar } from './filter-bar.tsx';
export { PageTable, SelectionBar } from './lazy-parts.tsx';
export type { BulkAction } from './selection-bar.tsx';
export { Grid, type GridProps } from './grid.tsx';
export type { ListOptions } from './list-options.ts';
export { listSource } from './list-source.ts';
export type { Change, Page, PageQuery, RowSource, Summary, Waiting } from './row-source.ts';
export {
  addIds,
  isSelected,
  nothingSelected,
  selectAll,
  selectedCount,
  type Selection,
  toggle,
} from './selection.ts';
export {
  type ColumnState,
  emptyState,
  formatSort,
  type GridState,
  readState,
  sortBy,
  type SortKey,
  withColumn,
  writeState,
} from './state.ts';
