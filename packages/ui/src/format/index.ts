export { exponentOf } from './currency.ts';
export {
  addDays,
  day,
  dayAt,
  daysBetween,
  endOfMonth,
  instant,
  isDay,
  month,
  weekOf,
} from './day.ts';
export {
  type Formats,
  type Instant,
  numberFormat,
  type PlainDate,
  pluralRules,
} from './formats.ts';
export {
  amount,
  codeStands,
  count,
  type Money,
  money,
  type MoneyOptions,
  percent,
  toDecimal,
} from './money.ts';
export { parseDate } from './parse-date.ts';
export { type MoneyFault, type ParsedMoney, parseMoney } from './parse-money.ts';
