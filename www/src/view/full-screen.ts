// The selected image over the whole screen, for a projector.

/** Not on every phone. */
export const canFillScreen = (): boolean => document.fullscreenEnabled === true;

/** Shows the selected image on the whole screen, or on the page again. A browser may refuse. */
export function toggleFullScreen(): void {
  if (!canFillScreen()) return;
  const shown =
    document.fullscreenElement === null
      ? document.querySelector(".detail-frame")?.requestFullscreen()
      : document.exitFullscreen();
  shown?.catch(() => {});
}
