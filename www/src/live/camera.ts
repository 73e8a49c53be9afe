// The camera: asked for only when a person wants it, given back when they leave, and every way in which it can fail by
// a name of its own.

export const TROUBLES = [
  "camera_insecure",
  "camera_unsupported",
  "camera_refused",
  "camera_forbidden",
  "camera_missing",
  "camera_in_use",
  "camera_lost",
  "camera_failed",
] as const;
export type TroubleCode = (typeof TROUBLES)[number];

export class CameraTrouble extends Error {
  /** `detail`: in the browser's own words, or empty. */
  constructor(
    readonly code: TroubleCode,
    readonly detail = "",
  ) {
    super(code);
  }
}

/** A camera that can be chosen; names are known once one was allowed. */
export interface Device {
  readonly id: string;
  readonly name: string;
}

/** What microscope cameras give without falling below some ten frames a second over USB 2. */
const WANTED = { width: { ideal: 1920 }, height: { ideal: 1440 } } as const;

/** Parts of the standard that its types do not have: phones do. */
export interface Zoom {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}
type Capabilities = MediaTrackCapabilities & { readonly torch?: boolean; readonly zoom?: Partial<Zoom> };
type Settings = MediaTrackSettings & { readonly torch?: boolean; readonly zoom?: number };

/** Asks for a camera: the one of this id, or without one that on the back of a phone. Rejects with `CameraTrouble`. */
export async function openCamera(id: string | null): Promise<Camera> {
  if (!isSecureContext) throw new CameraTrouble("camera_insecure");
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (media?.getUserMedia === undefined) throw new CameraTrouble("camera_unsupported");
  const which = id === null ? { facingMode: { ideal: "environment" } } : { deviceId: { exact: id } };
  try {
    return new Camera(await media.getUserMedia({ audio: false, video: { ...which, ...WANTED } }));
  } catch (error) {
    throw troubleOf(error);
  }
}

/** Which of the troubles a refusal of the browser is. */
export function troubleOf(error: unknown): CameraTrouble {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new CameraTrouble(isForbidden() ? "camera_forbidden" : "camera_refused");
    case "NotFoundError":
    case "OverconstrainedError":
      return new CameraTrouble("camera_missing");
    case "NotReadableError":
    case "AbortError":
      return new CameraTrouble("camera_in_use", message);
    default:
      return new CameraTrouble("camera_failed", message === "" ? name : message);
  }
}

interface Policy {
  allowsFeature(name: string): boolean;
}

/** Whether the host's policy, or that of a page around this one, forbids it; only some browsers say. */
function isForbidden(): boolean {
  const { document: page } = globalThis as { document?: { featurePolicy?: Policy } };
  return page?.featurePolicy?.allowsFeature("camera") === false;
}

export async function cameras(): Promise<Device[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return all
    .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId !== "")
    .map(({ deviceId, label }) => ({ id: deviceId, name: label }));
}

/** A camera that is on. */
export class Camera {
  readonly #track: MediaStreamTrack;

  constructor(readonly stream: MediaStream) {
    const [track] = stream.getVideoTracks();
    if (track === undefined) throw new CameraTrouble("camera_failed", "no video track");
    this.#track = track;
  }

  get id(): string {
    return this.#settings.deviceId ?? "";
  }

  /** Whether it has a light. */
  get hasTorch(): boolean {
    return this.#capabilities.torch === true;
  }

  get torch(): boolean {
    return this.#settings.torch === true;
  }

  /** How far it enlarges by itself; null where it does not. */
  get zoomRange(): Zoom | null {
    const { min = 1, max = 1, step = 0 } = this.#capabilities.zoom ?? {};
    return max > min ? { min, max, step: step > 0 ? step : (max - min) / 100 } : null;
  }

  get zoom(): number {
    return this.zoomRange === null ? 1 : (this.#settings.zoom ?? 1);
  }

  /** A camera may refuse; then it stays as it is. */
  async set(change: { readonly torch: boolean } | { readonly zoom: number }): Promise<void> {
    await this.#track.applyConstraints({ advanced: [change as MediaTrackConstraintSet] }).catch(() => {});
  }

  /** Told when it is pulled out, or taken away. */
  onLost(tell: () => void): void {
    this.#track.addEventListener("ended", tell, { once: true });
  }

  stop(): void {
    for (const track of this.stream.getTracks()) track.stop();
  }

  // Firefox has none.
  get #capabilities(): Capabilities {
    return this.#track.getCapabilities?.() ?? {};
  }

  get #settings(): Settings {
    return this.#track.getSettings();
  }
}
