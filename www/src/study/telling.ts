// What a person says of images: whose they are, what they truly show, at which scale. Each gives what takes it back.

import { batch } from "@preact/signals";
import type { Change } from "./assignment.ts";
import type { Branches } from "./branches.ts";
import type { CommonScale } from "./common-scale.ts";
import type { Entry } from "./entry.ts";
import { tidyLabel } from "./labels.ts";
import { tidyPatient } from "./patients.ts";

export class Telling {
  readonly #branches: Branches;
  readonly #commonScale: CommonScale;
  readonly #isAll: (entries: readonly Entry[]) => boolean;

  /** `isAll`: whether these are all images, of several. */
  constructor(branches: Branches, commonScale: CommonScale, isAll: (entries: readonly Entry[]) => boolean) {
    this.#branches = branches;
    this.#commonScale = commonScale;
    this.#isAll = isAll;
  }

  /** Says whose images these are. */
  setPatient(entries: readonly Entry[], text: string): () => void {
    const patient = tidyPatient(text);
    return this.assign(entries.map((entry) => ({ entry, patient, label: null })));
  }

  /** Says what images truly are; of drawings that is known. */
  setLabel(entries: readonly Entry[], text: string): () => void {
    const label = tidyLabel(text);
    const images = entries.filter(({ demo }) => !demo);
    return this.assign(images.map((entry) => ({ entry, patient: null, label })));
  }

  /**
   * Micrometres per pixel of these images, whatever their files say; null takes the files' word. What is set for all images
   * is that of the study, and later ones take it over.
   */
  setScale(entries: readonly Entry[], scale: number | null): () => void {
    const before = entries.map((entry) => [entry, entry.scaleSet] as const);
    const takeBack = this.#isAll(entries) ? this.#commonScale.set(scale) : null;
    batch(() => {
      for (const entry of entries) entry.setScale(scale);
    });
    return () => {
      batch(() => {
        for (const [entry, was] of before) entry.setScale(was);
        takeBack?.();
      });
    };
  }

  /** Tells many images' patients and labels at once. */
  assign(changes: readonly Change[]): () => void {
    const before = changes.map(({ entry, patient, label }) => ({
      entry,
      patient: patient === null ? null : entry.patient.peek(),
      label: label === null ? null : entry.label.peek(),
    }));
    const told = changes.filter(({ patient }) => patient !== null).map(({ entry }) => entry);
    const forgotten = this.#branches.forget(told);
    for (const entry of told) entry.byFolder = false;
    tell(changes);
    return () => {
      batch(() => {
        tell(before);
        this.#branches.remember(forgotten);
      });
    };
  }
}

function tell(changes: readonly Change[]): void {
  batch(() => {
    for (const { entry, patient, label } of changes) {
      // Also where it is the name that the folder has: from now on a person says so, which is worth keeping.
      if (patient !== null) entry.assign(patient);
      if (label !== null && label !== entry.label.peek()) entry.tag(label);
    }
  });
}
