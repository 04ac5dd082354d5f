/** One file holds all icons; every `<use>` names a symbol of it. */
export const spriteUrl = new URL('../sprite.svg', import.meta.url).href;
