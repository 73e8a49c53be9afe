// The patches that speak loudest for either side, cut out of the picture.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Slide } from "../slide/slide.ts";
import { isOwn, toldPlaces } from "../study/classes.ts";
import { resultWords } from "../words/result.ts";
import { percent, words } from "../words/words.ts";
import { sharesColour } from "./colours.ts";
import { extremes } from "./extremes.ts";
import { type PatchMap, sharesAt } from "./patch-map.ts";
import { cutOut } from "./pictures.ts";
import { labelWord } from "./wording.ts";

/** The side of a crop: that on the screen, for two pixels of the screen to one of CSS. */
const CROP_SIDE = 152;

interface LookedProps {
  map: PatchMap;
  bitmap: ImageBitmap | null;
  /** The file if it has more pixels than the bitmap. */
  file: Blob | null;
  /** Whose own pixels a patch has; null where the picture has them. */
  slide: Slide | null;
  chosen: number | null;
  onChoose(patch: number): void;
}

export function Looked({ map, bitmap, file, slide, chosen, onChoose }: LookedProps) {
  const sides = useMemo(() => extremes(map), [map]);
  // What is looked for comes first.
  const places = toldPlaces(sides.map(({ length }) => length)).toReversed();
  const crops = useCrops(
    map,
    places.flatMap((place) => sides[place] ?? []),
    bitmap,
    file,
    slide,
  );
  if (sides.every((patches) => patches.length === 0)) return null;
  return (
    <section class="looked" aria-labelledby="looked-title">
      <h3 id="looked-title">{resultWords.value.looked.title}</h3>
      {places.map((place) => (
        <Side
          key={place}
          place={place}
          map={map}
          patches={sides[place] ?? []}
          crops={crops}
          chosen={chosen}
          onChoose={onChoose}
        />
      ))}
    </section>
  );
}

interface SideProps extends Pick<LookedProps, "map" | "chosen" | "onChoose"> {
  /** Of the class. */
  place: number;
  patches: readonly number[];
  crops: ReadonlyMap<number, ImageBitmap>;
}

/** Above the patches of a class, and in place of them. */
function sideWords(classes: readonly string[], place: number): { most: string; none: string } {
  const { teach } = words.value;
  const { looked } = resultWords.value;
  if (isOwn(classes)) {
    const label = place === 0 ? "benign" : "malignant";
    return { most: looked.most[label], none: looked.none[label] };
  }
  const label = classes[place] ?? "";
  return { most: teach.classes.most(label), none: teach.classes.none(label) };
}

function Side({ place, map, patches, crops, chosen, onChoose }: SideProps) {
  const { looked } = resultWords.value;
  const { classes } = map;
  const said = sideWords(classes, place);
  return (
    <div class="looked-side">
      <h4 id={`looked-${place}`}>{said.most}</h4>
      {patches.length === 0 ? (
        <p class="muted">{said.none}</p>
      ) : (
        <ul aria-labelledby={`looked-${place}`}>
          {patches.map((patch) => {
            const shares = sharesAt(map, patch) ?? [];
            const share = percent(shares[place] ?? 0);
            return (
              <li key={patch}>
                <button
                  type="button"
                  class="crop"
                  aria-label={looked.patch(patch + 1, labelWord(classes[place] ?? ""), share)}
                  aria-pressed={patch === chosen}
                  onClick={() => onChoose(patch)}
                >
                  <Crop bitmap={crops.get(patch) ?? null} />
                  <span class="crop-tone" style={{ background: sharesColour(classes, shares) }} />
                  <span class="crop-share">{share}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

function Crop({ bitmap }: { bitmap: ImageBitmap | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current === null || bitmap === null || bitmap.width === 0) return;
    canvas.current.width = bitmap.width;
    canvas.current.height = bitmap.height;
    canvas.current.getContext("2d")?.drawImage(bitmap, 0, 0);
  }, [bitmap]);
  return <canvas ref={canvas} class="crop-picture" />;
}

function useCrops(
  map: PatchMap,
  patches: readonly number[],
  bitmap: ImageBitmap | null,
  file: Blob | null,
  slide: Slide | null,
): ReadonlyMap<number, ImageBitmap> {
  const [crops, setCrops] = useState<ReadonlyMap<number, ImageBitmap>>(new Map());
  const wanted = patches.join();
  useEffect(() => {
    if (bitmap === null || wanted === "") return;
    let current = true;
    let made: ImageBitmap[] = [];
    const { patchSize: side, width } = map;
    const areas = patches.map((patch) => ({
      x: map.patches[patch]?.x ?? 0,
      y: map.patches[patch]?.y ?? 0,
      width: side,
      height: side,
    }));
    // The picture for the screen is already there; only where it is too coarse is the file decoded again.
    const coarse = (bitmap.width / width) * side < Math.min(side, CROP_SIDE);
    const cut =
      slide === null
        ? cutOut(coarse && file !== null ? file : bitmap, width, areas, CROP_SIDE)
        : slide.crops(areas);
    void cut.then((bitmaps) => {
      made = bitmaps;
      if (current) setCrops(new Map(bitmaps.map((crop, index) => [patches[index] ?? -1, crop])));
      else for (const crop of made) crop.close();
    });
    return () => {
      current = false;
      for (const crop of made) crop.close();
    };
  }, [wanted, bitmap, file, slide, map.width]);
  return crops;
}
