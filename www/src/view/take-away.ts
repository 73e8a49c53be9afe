// What makes tables and tiles to take away, in a file of its own: nobody asks for them at once.

import { imagesCsv, patchesCsv, patientsCsv } from "../study/csv.ts";
import { tilesOf } from "../study/geojson.ts";

export const makers = { imagesCsv, patchesCsv, patientsCsv, tilesOf };
