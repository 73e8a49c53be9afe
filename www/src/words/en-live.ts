// The words about looking through a camera in English, the source of truth: other languages have the same keys. They come
// with the part of the page that needs them.

import type { TroubleCode } from "../live/camera.ts";
import { numbersOf } from "./numbers.ts";

const { decimal, integer, length } = numbersOf("en");

interface Trouble {
  readonly message: string;
  readonly remedy: string;
}

const troubles: Readonly<Record<TroubleCode, Trouble>> = {
  camera_insecure: {
    message: "At this address the browser gives no page a camera.",
    remedy: "Open the page by https, at localhost, or as the single file.",
  },
  camera_unsupported: {
    message: "This browser gives pages no camera.",
    remedy: "Use a current Chrome, Edge, Firefox or Safari.",
  },
  camera_refused: {
    message: "The camera was not allowed.",
    remedy:
      "Allow it beside the page's address, and in the system's own settings, then try again. Nothing is recorded unless you keep a field.",
  },
  camera_forbidden: {
    message: "The server of this page, or the page around it, forbids the camera.",
    remedy: "Whoever runs it has to send: Permissions-Policy: camera=(self).",
  },
  camera_missing: {
    message: "No camera was found.",
    remedy: "Connect it, see that the system knows it as a webcam, then try again.",
  },
  camera_in_use: {
    message: "The camera could not be started: something else may be using it.",
    remedy: "Close the microscope's own program and other tabs with a camera, then try again.",
  },
  camera_lost: {
    message: "The camera is gone.",
    remedy: "Connect it again, then try again.",
  },
  camera_failed: {
    message: "The camera could not be used.",
    remedy: "Unplug it and plug it in again, or choose another one, then try again.",
  },
};

export const liveWords = {
  title: "Live from a camera",
  close: "Close the camera",
  asking: "The browser asks whether this page may use a camera. Nothing is recorded unless you keep a field.",
  failed: "No picture",
  tryAgain: "Try again",
  troubles,
  code: "Error code",

  /** Of the box with the picture. */
  picture: "Picture of the camera",
  keys: "Space holds the field still and lets it go on, K keeps it.",
  freeze: "Hold still",
  goOn: "Go on",
  keep: "Keep this field",
  kept: (name: string) => `Kept in the study as ${name}.`,
  save: "Save as PNG",
  camera: "Camera",
  unnamed: (number: number) => `Camera ${number}`,
  torch: "Light",
  zoom: "Zoom",

  verdict: "What is seen now",
  waiting: "Waiting for the first picture.",
  waitingForModel: "Waiting for the model.",
  examining: "Looking closer …",
  rate: (fields: number) => `${decimal(fields, 1)} fields a second`,
  moving: "The field moves: hold it still for all the patches that the options ask for.",
  size: (width: number, height: number) => `${integer(width)} × ${integer(height)} pixels`,

  objective: "Objective",
  unknown: "not said",
  scale: (umPerPixel: number) => `${length(umPerPixel)} per pixel`,
  noScale:
    "This objective was calibrated with another size or zoom of the picture, so the scale is not known now.",
  calibrate: "Calibrate an objective",
  remove: (name: string) => `Remove ${name}`,
  keptHere: "Calibrated objectives are kept on this machine.",

  calibration: {
    title: "Calibrate an objective",
    how: "Lay a stage micrometer under the objective and focus. Draw a line over a length that you know; its ends can be moved by mouse, finger and arrow keys.",
    line: "Line over the stage micrometer",
    ends: ["Start of the line", "End of the line"] as readonly [string, string],
    place: (x: number, y: number) => `${integer(x)}, ${integer(y)} pixels`,
    length: "Length of the line, in micrometres",
    name: "Name of the objective",
    example: "40×",
    result: (pixels: number, umPerPixel: number) =>
      `${decimal(pixels, 1)} pixels: ${length(umPerPixel)} per pixel.`,
    invalid: "Draw a line, and say how long it is: the scale must be from 0.01 to 100 µm per pixel.",
    short: "A longer line is more exact: this one may be off by more than a hundredth.",
    save: "Keep this objective",
    cancel: "Cancel",
  },
};

export type LiveWords = typeof liveWords;
