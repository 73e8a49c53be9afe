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

/** Those that hold what the network of this digest said, shown or put aside. */
function cases(entries: readonly Entry[], network: string): Case[] {
  return entries.flatMap((entry) => {
    const { said = null, original = null } = entry.resultOf(network) ?? {};
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

export interface Judging {
  /** SHA-256 of the network whose head judges. */
  readonly network: string;
  readonly lesson: Lesson | null;
  /** That of the verdicts; null is the head's own. */
  readonly threshold: () => number | null;
  /** Whether somebody has asked for another head meanwhile. */
  readonly stale: () => boolean;
}

/** Judges all of a study anew that the network has seen, and shows it. */
export async function judgeAll(
  study: Study,
  core: TeachCore,
  { network, lesson, threshold, stale }: Judging,
): Promise<void> {
  const all = cases(study.entries.peek(), network);
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
        if (report === undefined || entry.resultOf(network)?.original !== original) return;
        if (!entry.turnTo(network)) return;
        entry.judged(report);
        study.judge(entry, threshold());
      });
    });
  }
}
