// What is shown of a slide besides its picture, as one part of the page.

export { SlideOverlay } from "./slide-overlay.tsx";
export { SlidePanel } from "./slide-panel.tsx";
