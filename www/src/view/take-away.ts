// What makes files to take away, out of a file of its own: nobody asks for them at once.

import { imagesCsv, patchesCsv, patientsCsv } from "../study/csv.ts";
import { tilesOf } from "../study/geojson.ts";
import { pictureOf, selectedPicture } from "./map-picture.ts";
import { zipOfPictures, zipOfTiles } from "./zip.ts";

export const makers = {
  imagesCsv,
  patchesCsv,
  patientsCsv,
  tilesOf,
  pictureOf,
  selectedPicture,
  zipOfPictures,
  zipOfTiles,
};
