// What a grid holds without its drawing: pure functions, for logic that is tested without a browser.
export { formatClause } from './filter.ts';
export { addIds, nothingSelected, selectAll, toggle, type Selection } from './selection.ts';
