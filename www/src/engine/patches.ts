// Patches that somebody else cut out, screened and looked at.

import { type Session, unpack } from "./image-analysis.ts";
import type { Calls, PatchesResult } from "./protocol.ts";

export function judgePatches(
  { pixels, screen }: Calls["patches"]["request"],
  session: Session,
): PatchesResult {
  const looked = session.look_at(new Uint8Array(pixels), screen);
  const screens = looked.screens as Uint8Array<ArrayBuffer>;
  const output = looked.take_output();
  looked.free();
  return { screens, results: output === undefined ? null : unpack(session, output) };
}
