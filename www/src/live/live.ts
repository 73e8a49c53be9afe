// A field under the microscope as the page follows it: the camera, what is seen on the frames, the frame that is held
// still, and fields that are kept. Nothing is kept unless somebody asks for it.

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { asHistoscopeError, CancelledError, type HistoscopeError } from "../base/errors.ts";
import type { Pool } from "../engine/pool.ts";
import type { FrameResult, Variant } from "../engine/protocol.ts";
import { analyse, forCore } from "../run/analysis.ts";
import { Fold } from "../run/fold.ts";
import type { AnalysisOptions } from "../run/options.ts";
import { thresholdIn } from "../study/diagnosis.ts";
import { withJudgements } from "../study/judgement.ts";
import { replay } from "../study/replay.ts";
import type { ImageReport, Plan } from "../study/report.ts";
import { type Camera, CameraTrouble, cameras, type Device, openCamera, troubleOf } from "./camera.ts";
import { fieldFile } from "./field.ts";
import { type Objectives, type Optics, scaleUnder } from "./objectives.ts";
import { VideoFrames } from "./video-frames.ts";
import { Rate, watch } from "./watching.ts";

/** Patches of a moving field: enough for a verdict, few enough for several fields a second. */
export const MOVING_PATCHES = 12;

export type CameraState =
  | { readonly kind: "asking" }
  | { readonly kind: "on"; readonly camera: Camera }
  | { readonly kind: "failed"; readonly trouble: CameraTrouble };

/** What was found on one frame. */
export interface Look {
  readonly plan: Plan;
  readonly fold: Fold;
  readonly report: ImageReport;
}

/** The frame that is held still. */
export interface Still {
  readonly picture: ImageBitmap;
  readonly when: Date;
}

export interface LiveSettings {
  /** Resolves when the engine is up. */
  readonly pool: () => Promise<Pick<Pool, "call" | "size">>;
  readonly options: () => AnalysisOptions & { readonly variant: Variant };
  /** The text of the lesson that judges, or empty. */
  readonly lesson: () => string;
  readonly objectives: Objectives;
  /** Takes a field into the study. */
  readonly keep: (file: File) => void;
}

export class Live {
  readonly state = signal<CameraState>({ kind: "asking" });
  readonly devices = signal<readonly Device[]>([]);
  /** Of the newest frame that was looked at; null before there is one. */
  readonly look = signal<Look | null>(null);
  readonly still = signal<Still | null>(null);
  /** Whether the frame that is held still is being looked at. */
  readonly examining = signal(false);
  /** Why frames are not looked at any more. */
  readonly trouble = signal<HistoscopeError | null>(null);
  /** Fields a second. */
  readonly rate = signal(0);
  /** Of a frame, as the camera gives them now; null before the first. */
  readonly optics = signal<Optics | null>(null);
  /** The name of the field that was kept last, while that is worth saying. */
  readonly kept = signal<string | null>(null);
  readonly umPerPixel: ReadonlySignal<number | null>;
  readonly objectives: Objectives;
  readonly #settings: LiveSettings;
  #camera: Camera | null = null;
  #frames: VideoFrames | null = null;
  /** The frame that is held still as a file. */
  #file: Promise<File> | null = null;
  /** Ends what runs: watching, or the look at a still frame. */
  #stop = new AbortController();
  /** Raised with each opening and closing of the camera. */
  #openings = 0;

  constructor(settings: LiveSettings) {
    this.#settings = settings;
    this.objectives = settings.objectives;
    const { chosen } = this.objectives;
    this.umPerPixel = computed(() =>
      this.optics.value === null ? null : scaleUnder(chosen.value, this.optics.value),
    );
  }

  /** Asks for a camera and shows it in `video`; null is the one that the browser would take. */
  async open(video: HTMLVideoElement, id: string | null = null): Promise<void> {
    this.close();
    const mine = ++this.#openings;
    this.state.value = { kind: "asking" };
    try {
      const camera = await openCamera(id);
      if (mine !== this.#openings) return camera.stop();
      this.#camera = camera;
      camera.onLost(() => {
        if (mine === this.#openings) this.#fail(new CameraTrouble("camera_lost"));
      });
      video.srcObject = camera.stream;
      await video.play();
      if (mine !== this.#openings) return;
      this.#frames = new VideoFrames(video);
      this.state.value = { kind: "on", camera };
      this.measure(video);
      await this.list();
      this.#watch();
    } catch (error) {
      if (mine === this.#openings) this.#fail(error instanceof CameraTrouble ? error : troubleOf(error));
    }
  }

  async list(): Promise<void> {
    this.devices.value = await cameras();
  }

  /** Looks again how large frames are: a phone may have been turned. */
  measure({ videoWidth: width, videoHeight: height }: HTMLVideoElement): void {
    if (width > 0) this.optics.value = { width, height, zoom: this.#camera?.zoom ?? 1 };
  }

  #fail(trouble: CameraTrouble): void {
    this.close();
    this.state.value = { kind: "failed", trouble };
  }

  /** Gives the camera back. */
  close(): void {
    this.#openings++;
    this.#stop.abort();
    this.#camera?.stop();
    this.#camera = null;
    this.#frames = null;
    this.still.peek()?.picture.close();
    batch(() => {
      this.still.value = null;
      this.look.value = null;
      this.rate.value = 0;
      this.trouble.value = null;
      this.examining.value = false;
    });
  }

  /** Goes on with the moving field. */
  goOn(): void {
    this.still.peek()?.picture.close();
    batch(() => {
      this.still.value = null;
      this.kept.value = null;
      this.trouble.value = null;
    });
    this.#watch();
  }

  /** Holds the field still and looks at it with all that the options ask for. */
  async freeze(): Promise<void> {
    const frames = this.#frames;
    if (frames === null || this.still.peek() !== null) return;
    const stop = this.#begin();
    const picture = await frames.now();
    if (stop.aborted) return picture.close();
    batch(() => {
      this.still.value = { picture, when: new Date() };
      this.rate.value = 0;
      this.kept.value = null;
    });
    void this.#examine();
  }

  /** Looks again, for something has changed: at the frame that is held still, or at those that come. */
  again(): void {
    this.trouble.value = null;
    if (this.still.peek() === null) this.#watch();
    else void this.#examine();
  }

  /** The frame that is held still, looked at as the study looks at its images. */
  async #examine(): Promise<void> {
    const still = this.still.peek();
    if (still === null) return;
    const stop = this.#begin();
    const { options, lesson, pool: engine } = this.#settings;
    const { picture, when } = still;
    this.#file = fieldFile(picture, when, this.objectives.chosen.peek(), this.umPerPixel.peek());
    this.examining.value = true;
    try {
      const set = options();
      const [pool, file] = await Promise.all([engine(), this.#file]);
      let fold = new Fold(0);
      const report = await analyse(pool, file, set, stop, {
        onResults: (latest) => {
          fold = latest;
        },
      });
      const { plan } = replay(report);
      const judged = await judgedBy(pool, report, fold, lesson(), set.variant);
      if (!stop.aborted) this.look.value = { plan, fold, report: judged };
    } catch (error) {
      if (!stop.aborted) this.trouble.value = asHistoscopeError(error);
    } finally {
      if (!stop.aborted) this.examining.value = false;
    }
  }

  /** Ends what runs; the signal ends what begins now. */
  #begin(): AbortSignal {
    this.#stop.abort();
    this.examining.value = false;
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  /** Takes the field into the study, held still if it is not. */
  async keep(): Promise<void> {
    await this.freeze();
    const still = this.still.peek();
    if (still === null || this.kept.peek() !== null) return;
    const file = await this.file();
    if (file === null) return;
    this.kept.value = file.name;
    this.#settings.keep(file);
  }

  /** The frame that is held still, for a person to save; null without one. */
  async file(): Promise<File | null> {
    return this.still.peek() === null ? null : this.#file;
  }

  async setTorch(torch: boolean): Promise<void> {
    await this.#camera?.set({ torch });
  }

  async setZoom(zoom: number): Promise<void> {
    await this.#camera?.set({ zoom });
    const optics = this.optics.peek();
    if (optics !== null) this.optics.value = { ...optics, zoom: this.#camera?.zoom ?? 1 };
  }

  #watch(): void {
    const frames = this.#frames;
    if (frames === null) return;
    const stop = this.#begin();
    const rate = new Rate();
    void this.#settings.pool().then((pool) =>
      watch<ImageBitmap, Look>(
        {
          lanes: () => pool.size,
          next: (signal) => frames.next(signal),
          look: (picture) => this.#glance(picture),
          onResult: (look) => {
            batch(() => {
              this.look.value = look;
              this.rate.value = rate.count(performance.now());
            });
          },
          onTrouble: (error) => {
            // Another engine has come up: it goes on with that.
            if (error instanceof CancelledError) this.#watch();
            else this.trouble.value = asHistoscopeError(error);
          },
        },
        stop,
      ),
    );
  }

  /** A moving field. Nobody waits long for it, so that it needs no way to be stopped. */
  async #glance(picture: ImageBitmap): Promise<Look> {
    const { options, lesson, pool: engine } = this.#settings;
    const pool = await engine();
    const set = options();
    const maxPatches = set.maxPatches === "all" ? MOVING_PATCHES : Math.min(set.maxPatches, MOVING_PATCHES);
    const request = {
      picture,
      name: "live",
      options: forCore({ ...set, maxPatches, stride: null }, this.umPerPixel.peek()),
      lesson: lesson(),
    };
    const { variant } = set;
    return lookOf(await pool.call("look", request, { variant, transfer: [picture] }));
  }
}

function lookOf({ plan: planned, report, results }: FrameResult): Look {
  const plan = JSON.parse(planned) as Plan;
  const fold = new Fold(plan.voters.length);
  if (results !== null) fold.place(0, results);
  return { plan, fold, report: JSON.parse(report) as ImageReport };
}

/** A report as the lesson in force has it; as it is without one. */
async function judgedBy(
  pool: Pick<Pool, "call">,
  report: ImageReport,
  { voters: count, logits, features }: Fold,
  lesson: string,
  variant: Variant,
): Promise<ImageReport> {
  if (lesson === "") return report;
  const voters = Uint32Array.of(count);
  const thresholds = Float64Array.of(thresholdIn(report) ?? Number.NaN);
  const request = { voters, thresholds, logits, features, lesson };
  const [judged] = withJudgements([report], await pool.call("judge", request, { variant }));
  return judged ?? report;
}
