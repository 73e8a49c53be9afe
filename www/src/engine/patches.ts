// Patches that somebody else cut out, screened and looked at.

import { type Session, unpack } from "./image-analysis.ts";
import type { Calls, PatchesResult } from "./protocol.ts";

/** What the screen says of a patch that votes: it passed, or nobody asked. */
const [PASSED, UNCHECKED] = [0, 4] as const;

export function judgePatches(
  { pixels, screen }: Calls["patches"]["request"],
  session: Session,
): PatchesResult {
  const all = new Uint8Array(pixels);
  const { patch_size: side } = JSON.parse(session.model_info()) as { patch_size: number };
  const bytes = side * side * 3;
  const screens = screen
    ? (session.screen(all) as Uint8Array<ArrayBuffer>)
    : new Uint8Array(all.length / bytes).fill(UNCHECKED);
  let count = 0;
  // Those that vote move up, over those that do not.
  screens.forEach((code, patch) => {
    if (code !== PASSED && code !== UNCHECKED) return;
    if (count < patch) all.copyWithin(count * bytes, patch * bytes, (patch + 1) * bytes);
    count++;
  });
  return { screens, results: count === 0 ? null : unpack(session.infer(all.subarray(0, count * bytes))) };
}
