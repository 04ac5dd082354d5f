export { addDays, daysBetween, isDay } from './day.ts';
export {
  type Field,
  findColumns,
  type Mapping,
  missingFields,
  requiredFields,
} from './import-fields.ts';
export { currencies, exponentOf, formatAmount, parseAmount } from './money.ts';
export { daysLate, isOverdue, type Kind, type Status } from './status.ts';
export {
  divideHalfUp,
  documentTotals,
  formatQuantity,
  lineNet,
  parseQuantity,
  type PricedLine,
  type TaxTotal,
  type Totals,
} from './totals.ts';
