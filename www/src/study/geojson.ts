// The patches of an image as GeoJSON, in the form that QuPath imports: a tile for each, in pixels of the image.
//
// https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html

import { type ImageReport, isReason, type PatchReport } from "./report.ts";

/** As QuPath writes a colour, red, green and blue; those of the map. */
const COLOURS = {
  benign: [12, 84, 158],
  malignant: [168, 67, 0],
  leftOut: [120, 120, 120],
} as const;

export interface Tile {
  readonly type: "Feature";
  readonly geometry: {
    readonly type: "Polygon";
    readonly coordinates: readonly (readonly (readonly number[])[])[];
  };
  readonly properties: {
    readonly objectType: "tile";
    readonly isLocked: boolean;
    readonly name: string;
    readonly classification: { readonly name: string; readonly color: readonly number[] };
    /** Of the image, as QuPath shows it: what it truly is, where somebody says so. */
    readonly metadata?: Readonly<Record<string, string>>;
    readonly measurements: Readonly<Record<string, number>>;
  };
}

export interface Tiles {
  readonly type: "FeatureCollection";
  readonly features: readonly Tile[];
}

/** A ring around a patch, closed, as the format wants it; `scale`: pixels of the file along one of the patch. */
function ring({ x, y, width, height }: PatchReport, scale: number): number[][] {
  const [right, bottom] = [x + width, y + height];
  return [
    [x, y],
    [right, y],
    [right, bottom],
    [x, bottom],
    [x, y],
  ].map((point) => point.map((place) => place * scale));
}

function classification({ screen, probabilities }: PatchReport): Tile["properties"]["classification"] {
  if (probabilities === null) {
    return { name: isReason(screen) ? `left out: ${screen}` : "left out", color: COLOURS.leftOut };
  }
  const label = probabilities.malignant > probabilities.benign ? "malignant" : "benign";
  return { name: label, color: COLOURS[label] };
}

/** `label` is that of the image, empty where it is not known. */
export function tilesOf({ patches, slide }: ImageReport, label = ""): Tiles {
  const scale = slide?.source.downsample ?? 1;
  return {
    type: "FeatureCollection",
    features: patches.map((patch, index) => ({
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [ring(patch, scale)] },
      properties: {
        objectType: "tile",
        isLocked: false,
        // As the patches are numbered on the page.
        name: `${index + 1}`,
        classification: classification(patch),
        ...(label !== "" && { metadata: { label } }),
        measurements:
          patch.probabilities === null
            ? {}
            : {
                probability_benign: patch.probabilities.benign,
                probability_malignant: patch.probabilities.malignant,
              },
      },
    })),
  };
}
