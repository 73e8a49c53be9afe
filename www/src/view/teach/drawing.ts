// A drawing of the page as a file of its own: what its style sheets say of it goes into it.

/** What of the looks of a drawing counts; all else is the browser's own. */
const LOOKS = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
] as const;

/** Pixels to a unit of the drawing, where a program wants to know its size. */
const SCALE = 2;

export function drawingOf(drawing: SVGSVGElement): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [drawing, ...drawing.querySelectorAll<SVGElement>("*")];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  originals.forEach((original, index) => {
    const twin = copies[index];
    if (twin === undefined) return;
    const looks = getComputedStyle(original);
    for (const look of LOOKS) twin.setAttribute(look, looks.getPropertyValue(look));
    twin.removeAttribute("class");
  });
  const { width, height } = drawing.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", `${SCALE * width}`);
  copy.setAttribute("height", `${SCALE * height}`);
  return new XMLSerializer().serializeToString(copy);
}
