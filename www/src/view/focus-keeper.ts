// The focus outlives what had it. A button that does what it says often goes with that: the browser then forgets where the
// person was, and a keyboard or a screen reader would have to start from the top.

/** What can have the focus, headings that are meant to be gone to among them. */
const FOCUSABLE =
  "h2[tabindex], a[href], button:enabled, input:enabled, select:enabled, summary, [tabindex='0']";

const isShown = (element: HTMLElement): boolean =>
  element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

/**
 * Where what had the focus is taken off the page, gives it to what stands nearest, until the function that it returns is
 * called. Whoever puts it elsewhere by themselves wins.
 */
export function keepFocus(): () => void {
  /** What had it last, and what is around that, to the page itself. */
  let around: Element[] = [];
  const hear = ({ target }: FocusEvent) => {
    around = [];
    for (let node = target as Element | null; node !== null; node = node.parentElement) around.push(node);
  };
  // A press beside everything takes it away, and one on something gives it anew.
  const forget = () => {
    around = [];
  };
  const watching = new MutationObserver(() => {
    if (around[0] === undefined || around[0].isConnected) return;
    const near = around.find((node) => node.isConnected);
    forget();
    const { activeElement: now, body } = document;
    if (now !== null && now !== body) return;
    const all = near?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [];
    [...all].find(isShown)?.focus({ preventScroll: true });
  });
  watching.observe(document.body, { childList: true, subtree: true });
  addEventListener("focusin", hear);
  addEventListener("pointerdown", forget);
  return () => {
    watching.disconnect();
    removeEventListener("focusin", hear);
    removeEventListener("pointerdown", forget);
  };
}
