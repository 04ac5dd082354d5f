const svgNamespace = 'http://www.w3.org/2000/svg';

/** An element with a class, at the end of its parent. */
export function make<name extends keyof HTMLElementTagNameMap>(
  name: name,
  className: string,
  parent?: Node,
): HTMLElementTagNameMap[name] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  parent?.appendChild(element);
  return element;
}

export function makeText(parent: Node): Text {
  return parent.appendChild(document.createTextNode(''));
}

/** The `<use>` of a new glyph: its `href` names the symbol. */
export function makeGlyph(parent: Node): SVGUseElement {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('class', 'g');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(svgNamespace, 'use');
  svg.appendChild(use);
  parent.appendChild(svg);
  return use;
}

/** Sets text only where it differs: a write that changes nothing still costs layout. */
export function setText(node: Text, text: string): void {
  if (node.data !== text) node.data = text;
}

export function setClass(element: Element, className: string): void {
  if (element.className !== className) element.className = className;
}

/** Sets an attribute, or removes it where the value is undefined. */
export function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
