/**
 * The height of the scrolled element, px. Chromium clamps at 33,554,428; Firefox gives an element above 17,895,697 the
 * height 0; float32 coordinates lose whole pixels above 2^24.
 */
export const spacerHeightMax = 15_000_000;

/** Browsers put `scrollTop` on whole device pixels; below a zoom of 50 % nobody works. */
const snapPx = 1;
/** So far from its ends the element stands while the list is inside: beyond what any zoom snaps to them. */
const insidePx = 4;

export interface Geometry {
  readonly rowCount: number;
  /** px */
  readonly rowHeight: number;
  /** Height of the rows' window, px. */
  readonly view: number;
  readonly devicePixelRatio: number;
}

/**
 * Where a list of any length is scrolled to: `virtualTop` (float64, px in the full list) is the truth, the element's
 * `scrollTop` a picture of it that a browser can hold. ui-kit.md §4.3.
 */
export class ScrollMap {
  virtualTop = 0;
  #last = 0;
  /** The next event is that of our own `scrollTop = …`. */
  #placed = false;
  #geometry: Geometry;

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
  }

  /** The element's height: the list's, or the most that browsers hold. */
  get spacerHeight(): number {
    return Math.min(this.#total, spacerHeightMax);
  }

  /** Virtual px a px of the scroll bar. */
  get ratio(): number {
    const { view } = this.#geometry;
    const range = this.spacerHeight - view;
    return this.#total <= spacerHeightMax || range <= 0 ? 1 : (this.#total - view) / range;
  }

  get virtualTopMax(): number {
    return Math.max(0, this.#total - this.#geometry.view);
  }

  get #total(): number {
    return this.#geometry.rowCount * this.#geometry.rowHeight;
  }

  get #scrollTopMax(): number {
    return Math.max(0, this.spacerHeight - this.#geometry.view);
  }

  /**
   * Takes a scroll event in.
   *
   * @param byHand true if wheel or touch was used in the last 100 ms: their pixels are real ones, never multiplied.
   * @returns the `scrollTop` to set at once, where the element stands at an end and the list does not.
   */
  onScroll(scrollTop: number, byHand: boolean): number | undefined {
    const delta = scrollTop - this.#last;
    this.#last = scrollTop;
    const own = this.#placed && Math.abs(delta) <= snapPx;
    this.#placed = false;
    if (own && this.ratio !== 1) return undefined;
    const end = endAt(scrollTop, this.#scrollTopMax, snapPx);
    if (this.ratio !== 1 && this.#isExact(Math.abs(delta), byHand)) {
      this.virtualTop = this.#clamp(this.virtualTop + delta);
    } else {
      this.virtualTop = end === 1 ? this.virtualTopMax : this.#clamp(scrollTop * this.ratio);
    }
    return end === endAt(this.virtualTop, this.virtualTopMax, 0) ? undefined : this.resync();
  }

  /** The element stands elsewhere than its last event or ours said: another event is on its way. */
  isBehind(scrollTop: number): boolean {
    return Math.abs(scrollTop - this.#last) > snapPx;
  }

  /** Whether the last event was a thumb's, or a jump's: then the bubble shows where it is. */
  isJump(scrollTop: number, byHand: boolean): boolean {
    return !this.#isExact(Math.abs(scrollTop - this.#last), byHand);
  }

  /** @returns the `scrollTop` that pictures `virtualTop`; inside the list it is inside the element, so that both ends stay reachable. */
  resync(): number {
    const pictured = Math.round(this.virtualTop / this.ratio);
    const max = this.#scrollTopMax;
    if (this.virtualTop <= 0) this.#last = 0;
    else if (this.virtualTop >= this.virtualTopMax) this.#last = max;
    else if (this.ratio === 1) this.#last = this.virtualTop;
    else this.#last = Math.min(Math.max(insidePx, pictured), max - insidePx);
    this.#placed = true;
    return this.#last;
  }

  /** @returns the `scrollTop` to set. */
  moveTo(virtualTop: number): number {
    this.virtualTop = this.#clamp(virtualTop);
    return this.resync();
  }

  /** Other rows or another window; the first row stays where it is. @returns the `scrollTop` to set. */
  resize(geometry: Geometry): number {
    const rows = this.virtualTop / this.#geometry.rowHeight;
    this.#geometry = geometry;
    return this.moveTo(rows * geometry.rowHeight);
  }

  /** Less than half the smallest step that a thumb can make, or a hand's own movement. */
  #isExact(distance: number, byHand: boolean): boolean {
    const { view, devicePixelRatio } = this.#geometry;
    if (distance < this.spacerHeight / (2 * view * devicePixelRatio)) return true;
    return byHand && distance < 8 * view;
  }

  #clamp(virtualTop: number): number {
    return Math.min(Math.max(0, virtualTop), this.virtualTopMax);
  }
}

/** −1 at the start, 1 at the end, 0 between. */
function endAt(top: number, max: number, tolerance: number): -1 | 0 | 1 {
  if (top <= 0) return -1;
  return top >= max - tolerance ? 1 : 0;
}
