// Clips for Chromium's fake camera, of fields that were drawn.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumLaunch } from "./chromium.mjs";

const FOLDER = join(tmpdir(), "histoscope-clips");
const FRAMES = 30;

/**
 * Several tests may write the same clip at one time.
 * @param {string} name
 * @param {Uint8Array[]} parts
 */
function write(name, parts) {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, name);
  const own = `${path}.${process.pid}`;
  writeFileSync(own, Buffer.concat(parts));
  renameSync(own, path);
  return path;
}

/** Motion JPEG of drawn tissue, 1400 x 1150 pixels, sharp. */
export function sharpClip() {
  const field = readFileSync(join(import.meta.dirname, "../public/demo/synthetic-nests.jpg"));
  return write("sharp.mjpeg", Array(FRAMES).fill(field));
}

/** YUV of something pink and violet without an edge in it, 640 x 480 pixels, as out of focus as can be. */
export function softClip() {
  const [width, height] = [640, 480];
  const wave = (/** @type {number} */ x, /** @type {number} */ y) =>
    0.5 + 0.25 * Math.sin(x / 6) + 0.25 * Math.cos(y / 7 + x / 19);
  const plane = (/** @type {number} */ step, /** @type {number} */ low, /** @type {number} */ high) => {
    const bytes = new Uint8Array((width / step) * (height / step));
    for (let y = 0; y < height / step; y++) {
      for (let x = 0; x < width / step; x++) {
        bytes[(y * width) / step + x] = low + (high - low) * wave(step * x, step * y);
      }
    }
    return bytes;
  };
  // From violet nuclei to pink stroma.
  const frame = [Buffer.from("FRAME\n"), plane(1, 105, 185), plane(2, 150, 130), plane(2, 140, 155)];
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420\n`);
  return write("soft.y4m", [head, ...Array(FRAMES).fill(frame).flat()]);
}

/**
 * Chromium with a clip for a camera, or with so many cameras of its own. It asks nobody: it allows them, or refuses.
 * @param {({ clip: string } | { cameras: number }) & { refuse?: boolean }} which
 * @returns {import("@playwright/test").LaunchOptions}
 */
export function launchWithCamera(which) {
  const { args = [], ...launch } = chromiumLaunch();
  const device = "clip" in which ? "" : `=device-count=${which.cameras}`;
  return {
    ...launch,
    args: [
      ...args,
      `--use-fake-ui-for-media-stream${which.refuse ? "=deny" : ""}`,
      `--use-fake-device-for-media-stream${device}`,
      ...("clip" in which ? [`--use-file-for-fake-video-capture=${which.clip}`] : []),
    ],
  };
}
