// What a lesson says of places within an image's patches: decoded once more, and the network runs over its voters again, for
// of the inner layers only means were kept.

import type { Workplace } from "./image-analysis.ts";
import type { Calls, LessonMap } from "./protocol.ts";

/** Patches between two breaths: so long a note waits, some tens of milliseconds. */
const PORTION = 4;

export async function drawLessonMap(
  { file, filename, options, unasked, lesson }: Calls["lessonMap"]["request"],
  { session, announcedPixels, read, conversation, tell }: Workplace,
): Promise<LessonMap> {
  conversation.goOn();
  const bytes = await read(file);
  const pixels = announcedPixels(bytes);
  if (pixels > unasked) {
    tell({ kind: "wants", pixels });
    await conversation.room();
  }
  const image = session.decode(bytes, filename, options);
  const voters = image.voter_count;
  let values = new Float32Array(0);
  let [width, height] = [0, 0];
  for (let first = 0; first < voters; first += PORTION) {
    await conversation.breath();
    const count = Math.min(PORTION, voters - first);
    const part = session.lesson_map(image, first, count, lesson);
    const own = part.values;
    ({ width, height } = part);
    part.free();
    const each = own.length / count;
    if (values.length === 0) values = new Float32Array(each * voters);
    values.set(own, each * first);
  }
  image.free();
  return { values, width, height };
}
