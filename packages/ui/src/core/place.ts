const gap = 4;
const edge = 8;

/**
 * Puts a floating panel below its anchor, ends aligned where it would leave the window, above where below is too
 * little room. Sets the style through the CSSOM: the CSP has no `style` attributes.
 */
export function placeBeside(panel: HTMLElement, anchor: Element): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const view = document.documentElement;
  const startsRight = getComputedStyle(panel).direction === 'rtl';
  const wished = startsRight ? at.right - width : at.left;
  const left = clamp(wished + width > view.clientWidth - edge ? at.right - width : wished);
  const below = at.bottom + gap;
  const above = at.top - gap - height;
  const top = below + height > view.clientHeight - edge && above >= edge ? above : below;
  panel.style.setProperty('left', `${Math.min(left, view.clientWidth - width - edge)}px`);
  panel.style.setProperty('top', `${top}px`);
}

function clamp(left: number): number {
  return Math.max(edge, left);
}
