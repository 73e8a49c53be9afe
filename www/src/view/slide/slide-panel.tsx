// What a slide is, how much of it is looked at, and what is outlined on it.

import { useEffect, useRef, useState } from "preact/hooks";
import type { MapFormat } from "../../slide/map.ts";
import { freeName, rectangle, TOOLS } from "../../slide/regions.ts";
import type { Slide } from "../../slide/slide.ts";
import { hasVoted } from "../../study/classes.ts";
import type { Entry } from "../../study/entry.ts";
import type { ImageReport } from "../../study/report.ts";
import { slideWords } from "../../words/slide.ts";
import { messageOf } from "../../words/told.ts";
import { seen, type View } from "../camera.ts";
import { useWorkbench } from "../context.ts";
import { downloadJson, downloadPicture, mapName, tilesName } from "../download.ts";
import type { Flight } from "../flight.ts";
import { drawing, take } from "./drawing.ts";
import { JudgeAgain } from "./judge-again.tsx";
import { RegionTable } from "./region-table.tsx";
import { TissueTools } from "./tissue-tools.tsx";

interface SlidePanelProps {
  entry: Entry;
  slide: Slide;
  view: View;
  flight: Flight;
}

const MAPS = [
  { format: "tiff", extension: "tif" },
  { format: "png", extension: "png" },
] as const;

/** As many patches as make a map that can be read. */
const MANY = 1000;

export function SlidePanel({ entry, slide, view, flight }: SlidePanelProps) {
  const workbench = useWorkbench();
  const [trouble, setTrouble] = useState("");
  const grid = slide.grid.value;
  const state = entry.state.value;
  const report = state.kind === "done" ? state.report : null;
  const { facts } = slide;
  const [finest] = facts.levels;
  const said = slideWords.value;

  useEffect(() => {
    take(null);
  }, [slide]);

  const lookAt = (patches: number | "all") => {
    slide.wanted.value = patches;
    workbench.run.again([entry]);
  };
  const save = async (write: () => Promise<void>) => {
    setTrouble("");
    try {
      await write();
    } catch (error) {
      setTrouble(messageOf(error));
    }
  };
  const saveMap = (of: ImageReport, format: MapFormat, extension: string) =>
    save(async () => {
      const file = await slide.map(of, format);
      if (file !== null) downloadPicture(mapName(entry.name, extension), file);
    });
  const saveGeoJson = (of: ImageReport | null) =>
    save(async () => downloadJson(tilesName(entry.name), await slide.geojson(of), "application/geo+json"));
  const done = report?.num_patches ?? 0;
  return (
    <section class="slide-panel" aria-label={said.slide}>
      <p>{said.facts(facts.format, finest?.width ?? 0, finest?.height ?? 0, facts.um_per_pixel)}</p>
      {grid !== null && report !== null && (
        <div class="actions">
          {grid.candidates > MANY && done < MANY && (
            <button type="button" class="button button-small" onClick={() => lookAt(MANY)}>
              {said.lookAtMany(MANY)}
            </button>
          )}
          {done < grid.candidates && (
            <button type="button" class="button button-small" onClick={() => lookAt("all")}>
              {said.lookAtAll(grid.candidates)}
            </button>
          )}
        </div>
      )}
      {/* What is outlined counts in place of the tissue. */}
      {slide.regions.value.length === 0 && <TissueTools entry={entry} slide={slide} onTrouble={setTrouble} />}
      <Regions slide={slide} view={view} flight={flight} onTrouble={setTrouble} />
      {slide.regions.value.length > 0 && <JudgeAgain entry={entry}>{said.judge}</JudgeAgain>}
      {report !== null && <RegionTable report={report} />}
      {(report !== null || slide.regions.value.length > 0) && (
        <div class="actions">
          <button type="button" class="button button-small" onClick={() => void saveGeoJson(report)}>
            {said.save}
          </button>
          {report?.slide !== undefined &&
            hasVoted(report) &&
            MAPS.map(({ format, extension }) => (
              <button
                key={format}
                type="button"
                class="button button-small"
                onClick={() => void saveMap(report, format, extension)}
              >
                {said.saveMap(format === "tiff" ? "TIFF" : "PNG")}
              </button>
            ))}
        </div>
      )}
      <p role="status">{trouble}</p>
    </section>
  );
}

interface RegionsProps {
  slide: Slide;
  view: View;
  flight: Flight;
  onTrouble(trouble: string): void;
}

function Regions({ slide, view, flight, onTrouble }: RegionsProps) {
  const input = useRef<HTMLInputElement>(null);
  const tool = drawing.tool.value;
  const regions = slide.regions.value;
  const said = slideWords.value;
  const finest = slide.facts.levels[0] ?? { width: 1, height: 1 };
  /** For those who draw by no pointer: what they have brought into view. */
  const outlineView = () => {
    const factor = finest.width / view.picture.width;
    const at = seen(view, flight.camera.peek());
    const area = {
      x: at.x * factor,
      y: at.y * factor,
      width: at.width * factor,
      height: at.height * factor,
    };
    slide.regions.value = [...regions, { name: freeName(said.region, regions), rings: [rectangle(area)] }];
  };
  const read = async (file: File) => {
    onTrouble("");
    try {
      await slide.readRegions(await file.text());
    } catch (error) {
      onTrouble(messageOf(error));
    }
  };
  return (
    <fieldset class="slide-tools">
      <legend>{said.outline}</legend>
      <div class="actions">
        {TOOLS.map((one) => (
          <button
            key={one}
            type="button"
            class="tool"
            aria-pressed={tool === one}
            title={said.tools[one].hint}
            onClick={() => take({ tool: one })}
          >
            {said.tools[one].name}
          </button>
        ))}
        <button type="button" class="tool" onClick={outlineView}>
          {said.outlineView}
        </button>
        <button type="button" class="tool" onClick={() => input.current?.click()}>
          {said.read}
        </button>
        <input
          ref={input}
          class="visually-hidden"
          type="file"
          accept=".geojson,.json,application/geo+json"
          tabIndex={-1}
          aria-label={said.regionsFile}
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file !== undefined) void read(file);
            currentTarget.value = "";
          }}
        />
      </div>
      {tool !== null && <p class="hint">{said.tools[tool].hint}</p>}
      {regions.length > 0 && (
        <ul class="slide-list">
          {regions.map((region, index) => (
            <li key={index}>
              <input
                type="text"
                value={region.name}
                maxLength={80}
                aria-label={said.nameOf(index + 1)}
                onChange={({ currentTarget }) => {
                  const named = { ...region, name: currentTarget.value.trim() || region.name };
                  slide.regions.value = regions.map((other) => (other === region ? named : other));
                }}
              />
              <button
                type="button"
                class="button button-small"
                aria-label={said.removeOf(region.name)}
                onClick={() => {
                  slide.regions.value = regions.filter((other) => other !== region);
                }}
              >
                {said.remove}
              </button>
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}
