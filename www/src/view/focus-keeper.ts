// The focus outlives what had it. A button that does what it says often goes with that: the browser then forgets where the
// person was, and a keyboard or a screen reader would have to start from the top.

/** What can have the focus, headings that are meant to be gone to among them. */
const FOCUSABLE =
  "h2[tabindex], h3[tabindex], a[href], button:enabled, input:enabled, select:enabled, summary, [tabindex='0']";

const isShown = (element: HTMLElement): boolean =>
  element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

/** Where what had the focus is taken off the page, gives it to what stands nearest. Whoever puts it elsewhere by themselves wins. */
export function keepFocus(root: HTMLElement): void {
  /** What had it last, and around that everything up to the root. */
  let around: Node[] = [];
  root.addEventListener("focusin", ({ target }) => {
    around = [];
    for (let node = target as Node | null; node !== null && node !== root; node = node.parentNode)
      around.push(node);
  });
  // A press beside everything takes it away, and one on something gives it anew.
  addEventListener("pointerdown", () => {
    around = [];
  });
  new MutationObserver(() => {
    if (around[0] === undefined || around[0].isConnected) return;
    const { activeElement } = document;
    const near = around.find((node) => node.isConnected) ?? root;
    around = [];
    if (activeElement !== null && activeElement !== document.body) return;
    const all = (near as HTMLElement).querySelectorAll<HTMLElement>(FOCUSABLE);
    [...all].find(isShown)?.focus({ preventScroll: true });
  }).observe(root, { childList: true, subtree: true });
}
