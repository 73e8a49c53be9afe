// What the page asks of the core in a worker to judge and to teach, and the requests in the core's form.

import type { Judgements, LessonMap } from "../engine/protocol.ts";
import { sameClasses, spokenOf } from "../study/classes.ts";
import type { Said } from "../study/entry.ts";
import type { ImageReport } from "../study/report.ts";
import type { Sample } from "./samples.ts";

/** Calls of one worker. Each takes and gives the core's JSON and rejects with the core's errors. */
export interface TeachCore {
  evaluate(request: string, signal: AbortSignal): Promise<string>;
  /** `features`: those of all voting patches of all images, one after the other. */
  teach(request: string, features: Float32Array<ArrayBuffer>, signal: AbortSignal): Promise<string>;
  /** Reads a lesson for the open model; gives its name and digest. */
  check(lesson: string): Promise<string>;
  /** What a lesson, or with null the model itself, says of images that were judged before. */
  judge(request: JudgeRequest): Promise<Judgements>;
  /** The reports that it makes of slides, whose regions are judged, too; `reports` is a JSON array. */
  judgeSlides(request: Heard & { readonly reports: string }): Promise<string>;
  /** What a lesson says of places within an image's patches. */
  map(image: MapRequest, lesson: string, signal: AbortSignal): Promise<LessonMap>;
  /** The model with a lesson as its head: an ONNX file. */
  exportLesson(lesson: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** What the network said of all voting patches of all images, one after the other, and the text of who is to judge it. */
interface Heard {
  readonly logits: Float32Array<ArrayBuffer>;
  readonly features: Float32Array<ArrayBuffer>;
  readonly lesson: string | null;
}

export interface JudgeRequest extends Heard {
  /** How many each image has. */
  readonly voters: Uint32Array<ArrayBuffer>;
  /** Of "uncertain", in place of the head's own; NaN for none. */
  readonly thresholds: Float64Array<ArrayBuffer>;
}

export interface MapRequest {
  readonly file: File;
  /** As the core reads them. */
  readonly options: string;
}

/** Of a sample, what both evaluating and teaching want to know; nothing was said of it where other classes were told apart. */
function labelled({ entry, label, patient, report }: Sample, classes: readonly string[]) {
  const spoken = spokenOf(report);
  const same = sameClasses(spoken.classes, classes);
  return {
    name: entry.path,
    patient: patient === "" ? null : patient,
    label,
    probabilities: same ? spoken.shares : null,
    verdict: same ? spoken.verdict : null,
    sha256: entry.sha256,
  };
}

/** `taught`: digests of the images that the lesson knows which judged. */
export const evaluationRequest = (
  samples: readonly Sample[],
  classes: readonly string[],
  taught: readonly string[],
): string => JSON.stringify({ classes, images: samples.map((sample) => labelled(sample, classes)), taught });

/** A sample whose features are at hand. */
export interface Lettered extends Sample {
  readonly said: Said;
}

/** What can be taught with, and how many labelled images cannot: the network has not seen them on this visit. */
export interface Teachable {
  readonly samples: readonly Lettered[];
  readonly without: readonly Sample[];
}

/** By what the network of this digest said of them. */
export function teachable(all: readonly Sample[], network: string | null): Teachable {
  const samples: Lettered[] = [];
  const without: Sample[] = [];
  for (const sample of all) {
    const { said = null, original = null } = (network && sample.entry.resultOf(network)) || {};
    if (said !== null && original !== null && said.features.length > 0) {
      samples.push({ ...sample, said, report: reportOf(sample, original) });
    } else without.push(sample);
  }
  return { samples, without };
}

/** What a network says of a sample. The scale that a person has set is the image's, whichever network is asked. */
function reportOf({ report: shown }: Sample, original: ImageReport): ImageReport {
  if (shown.model.sha256 === original.model.sha256) return shown;
  return { ...original, ...(shown.scale !== undefined && { scale: shown.scale }) };
}

export interface TeachOptions {
  readonly classes: readonly string[];
  readonly name: string;
  readonly force: boolean;
}

export function teachRequest(
  samples: readonly Lettered[],
  { classes, name, force }: TeachOptions,
): { readonly request: string; readonly features: Float32Array<ArrayBuffer> } {
  const images = samples.map((sample) => ({
    ...labelled(sample, classes),
    patches: voters(sample.said),
    path: sample.entry.path,
    width: sample.report.image.width,
    height: sample.report.image.height,
    um_per_pixel: sample.report.scale?.um_per_pixel ?? null,
  }));
  return {
    request: JSON.stringify({ classes, images, options: { name, force } }),
    features: joined(samples.map(({ said }) => said.features)),
  };
}

/** Two scores for each. */
export const voters = ({ logits }: Said): number => logits.length / 2;

/** Arrays one after the other. */
export function joined(arrays: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
