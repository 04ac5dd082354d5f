export { type Message, translator, type Translate } from './messages.ts';
