// Every result at hand judged anew by another head: nothing runs again, for what the network said is kept.

import { batch } from "@preact/signals";
import { thresholdIn } from "../study/diagnosis.ts";
import type { Entry, Said } from "../study/entry.ts";
import { withJudgements } from "../study/judgement.ts";
import type { ImageReport } from "../study/report.ts";
import type { Study } from "../study/study.ts";
import { joined, type TeachCore, voters } from "./core.ts";
import type { Lesson } from "./lesson.ts";

/** So many go to the worker at once: gathering and reading what is said of them must not hold the page up. */
const AT_ONCE = 50;

interface Case {
  readonly entry: Entry;
  readonly said: Said;
  /** As the core made it, whatever threshold was asked for since. */
  readonly original: ImageReport;
}

/** Those that hold what the network said. */
function cases(entries: readonly Entry[]): Case[] {
  return entries.flatMap((entry) => {
    const { said, original } = entry;
    return said === null || original === null || entry.state.peek().kind !== "done"
      ? []
      : [{ entry, said, original }];
  });
}

/** The reports that a lesson, null being the model itself, makes of these. */
export async function judgedBy(
  core: TeachCore,
  some: readonly Pick<Case, "said" | "original">[],
  lesson: Lesson | null,
): Promise<ImageReport[]> {
  const reports = some.map(({ original }) => original);
  const heard = {
    logits: joined(some.map(({ said }) => said.logits)),
    features: joined(some.map(({ said }) => said.features)),
    lesson: lesson?.text ?? null,
  };
  // The regions of slides are judged, too, which the core does of whole reports.
  if (reports.some(({ slide }) => slide !== undefined)) {
    const answer = await core.judgeSlides({ reports: JSON.stringify(reports), ...heard });
    return JSON.parse(answer) as ImageReport[];
  }
  const judged = await core.judge({
    voters: Uint32Array.from(some, ({ said }) => voters(said)),
    thresholds: Float64Array.from(reports, (report) => thresholdIn(report) ?? Number.NaN),
    ...heard,
  });
  return withJudgements(reports, judged);
}

/**
 * Judges all of a study anew; `threshold` is that of the verdicts, null being the head's own. Stops where `stale` says
 * that somebody has asked for another head meanwhile.
 */
export async function judgeAll(
  study: Study,
  core: TeachCore,
  lesson: Lesson | null,
  threshold: () => number | null,
  stale: () => boolean,
): Promise<void> {
  const all = cases(study.entries.peek());
  const portion = (from: number) => {
    const some = all.slice(from, from + AT_ONCE);
    return some.length === 0 ? null : { some, reports: judgedBy(core, some, lesson) };
  };
  let next = portion(0);
  for (let from = AT_ONCE; next !== null; from += AT_ONCE) {
    const { some, reports: coming } = next;
    // While one portion is judged, the one before is put in its place.
    next = portion(from);
    next?.reports.catch(() => {});
    const reports = await coming;
    if (stale()) return;
    batch(() => {
      some.forEach(({ entry, original }, index) => {
        const report = reports[index];
        // Meanwhile it may have been run again.
        if (report === undefined || entry.original !== original) return;
        entry.judged(report);
        study.judge(entry, threshold());
      });
    });
  }
}
