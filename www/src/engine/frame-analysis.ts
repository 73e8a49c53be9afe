// One frame of a camera in a worker, from its pixels to its report.

import { type Session, unpack } from "./image-analysis.ts";
import type { Calls, FrameResult } from "./protocol.ts";

/** Kept from frame to frame: they come by the second, and all of one size. */
let canvas: OffscreenCanvas | null = null;

export function lookAtFrame(
  { picture, name, options, lesson }: Calls["look"]["request"],
  session: Session,
): FrameResult {
  const begun = performance.now();
  const { width, height } = picture;
  const image = session.frame(pixelsOf(picture), width, height, name, options);
  const { screen_ms: screen, voter_count: voters } = image;
  const plan = image.plan();
  const decoded = performance.now();
  const results = voters > 0 ? unpack(session, session.infer_voters(image, 0, voters)) : null;
  const finished = performance.now();
  const timings = {
    decode: decoded - begun - screen,
    screen,
    inference: finished - decoded,
    total: finished - begun,
  };
  const none = new Float32Array(0);
  const { logits, features } = results ?? { logits: none, features: none };
  const report = session.report(image, logits, features, lesson, JSON.stringify(timings));
  return { plan, report, results };
}

/** RGBA; the picture is given up. */
function pixelsOf(picture: ImageBitmap): Uint8Array {
  const { width, height } = picture;
  canvas ??= new OffscreenCanvas(width, height);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("no canvas to read a frame with");
  context.drawImage(picture, 0, 0);
  picture.close();
  const { data } = context.getImageData(0, 0, width, height);
  return new Uint8Array(data.buffer);
}
