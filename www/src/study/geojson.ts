// The patches of an image as GeoJSON, in the form that QuPath imports: a tile for each, in pixels of the image, of a slide in
// those of its finest level. The command line writes the same (`src/tiles.rs`); a fixture says of both what is right.
//
// https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html

import { greatest, patchShares, spokenOf, toneOf } from "./classes.ts";
import { LEFT_OUT } from "./core-types.ts";
import { type ImageReport, isReason, type PatchReport } from "./report.ts";

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
    /** Of the image, as QuPath shows it: what it truly is, where somebody says so, and whether a program drew it. */
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

function classification(
  { screen }: PatchReport,
  classes: readonly string[],
  shares: readonly number[] | null,
): Tile["properties"]["classification"] {
  if (shares === null) {
    return { name: isReason(screen) ? `left out: ${screen}` : "left out", color: LEFT_OUT };
  }
  const place = greatest(shares);
  return { name: classes[place] ?? "", color: toneOf(classes, place) };
}

/** `label` is that of the image, empty where it is not known; `drawn`: by a program. */
export function tilesOf(report: ImageReport, label = "", drawn = false): Tiles {
  const metadata = { ...(label !== "" && { label }), ...(drawn && { drawn: "yes" }) };
  const { classes } = spokenOf(report);
  const shares = patchShares(report);
  const scale = report.slide?.source.downsample ?? 1;
  return {
    type: "FeatureCollection",
    features: report.patches.map((patch, index) => ({
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [ring(patch, scale)] },
      properties: {
        objectType: "tile",
        isLocked: false,
        // As the patches are numbered on the page.
        name: `${index + 1}`,
        classification: classification(patch, classes, shares[index] ?? null),
        ...(Object.keys(metadata).length > 0 && { metadata }),
        measurements: Object.fromEntries(
          (shares[index] ?? []).map((share, place) => [`probability_${classes[place]}`, share]),
        ),
      },
    })),
  };
}
