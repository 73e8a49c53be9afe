// The frames of a video element, each given out once.

type Video = HTMLVideoElement & Partial<Pick<HTMLVideoElement, "requestVideoFrameCallback">>;

export class VideoFrames {
  readonly #video: Video;
  /** Those who wait for a frame, the longest first. */
  readonly #waiting: (() => void)[] = [];
  #asked = false;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** The next frame that nobody else was given; null after an abort. */
  async next(signal: AbortSignal): Promise<ImageBitmap | null> {
    await new Promise<void>((go) => {
      this.#waiting.push(go);
      signal.addEventListener("abort", () => go(), { once: true });
      this.#ask();
    });
    return signal.aborted ? null : this.now();
  }

  /** What is shown at this moment. */
  now(): Promise<ImageBitmap> {
    return createImageBitmap(this.#video);
  }

  /** A frame goes to one of those who wait; the others wait for the one after it. */
  #ask(): void {
    if (this.#asked || this.#waiting.length === 0) return;
    this.#asked = true;
    const there = () => {
      this.#asked = false;
      this.#waiting.shift()?.();
      this.#ask();
    };
    // Firefox before 132 has no such callback: there the clock of the video is looked at with every frame of the screen.
    if (this.#video.requestVideoFrameCallback !== undefined) this.#video.requestVideoFrameCallback(there);
    else this.#poll(this.#video.currentTime, there);
  }

  #poll(last: number, there: () => void): void {
    requestAnimationFrame(() => {
      if (this.#video.currentTime === last) this.#poll(last, there);
      else there();
    });
  }
}
