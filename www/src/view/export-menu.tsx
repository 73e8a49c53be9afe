// What can be taken away, in one menu: everything as JSON, tables as CSV, a picture, a report on paper.

import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { CsvForm } from "../study/csv.ts";
import type { Entry } from "../study/entry.ts";
import { commonFolder, exported, exportedFolder, patientsOf, signature } from "../study/exports.ts";
import { filterOf, partOf, selectionOf } from "../study/selection.ts";
import { resultWords } from "../words/result.ts";
import { useWorkbench } from "./context.ts";
import { csvForm } from "./csv-form.ts";
import { dated, downloadCsv, downloadJson, downloadPicture, pictureName, tilesName } from "./download.ts";
import { takeAway } from "./later.tsx";
import { packing } from "./packing.ts";
import { printWanted } from "./print-report.tsx";
import { tellUnsaved } from "./tell-unsaved.ts";

export function ExportMenu() {
  const workbench = useWorkbench();
  const menu = useRef<HTMLDetailsElement>(null);
  const { study } = workbench;
  const selected = study.selected.value;
  // How many they are changes with each image.
  const some = useComputed(() => study.finished.value > 0).value;
  const someDone = useComputed(() => study.counts.value.done > 0).value;
  const somePatients = useComputed(() => study.patients.value.length > 0).value;
  const { exports } = resultWords.value;

  useEffect(() => {
    const stop = new AbortController();
    const close = () => menu.current?.removeAttribute("open");
    const { signal } = stop;
    addEventListener("pointerdown", ({ target }) => !menu.current?.contains(target as Node) && close(), {
      signal,
    });
    addEventListener(
      "keydown",
      ({ key }) => {
        if (key !== "Escape" || !menu.current?.open) return;
        close();
        menu.current.querySelector("summary")?.focus();
      },
      { signal },
    );
    return () => stop.abort();
  }, []);

  const take = (make: () => void | Promise<void>) => () => {
    menu.current?.removeAttribute("open");
    Promise.resolve(make()).catch((error) => tellUnsaved(workbench, error));
  };

  const filter = filterOf(study);
  /** Listed when something is taken away, not with each image that comes to an end. */
  const chosen = () => selectionOf(study).entries;
  const name = (what: string, extension: string) => {
    // A table, or an archive, has no other place to say that it is of a part.
    const part = partOf(study);
    const named = part === null ? what : `${what}-${part.images}-of-${part.of}`;
    return dated(named, extension, commonFolder(study.entries.peek()));
  };

  type Makers = Awaited<ReturnType<typeof takeAway>>;
  const table = (what: string, make: (makers: Makers, form: CsvForm | undefined) => string) =>
    take(async () => {
      const makers = await takeAway();
      downloadCsv(name(what, "csv"), make(makers, csvForm()));
    });

  const picture = async () => {
    if (selected === null) return;
    const { selectedPicture } = await takeAway();
    const content = await selectedPicture(workbench);
    if (content !== null) downloadPicture(pictureName(selected.name), content);
  };

  const images = () => exported(study, chosen());
  const results = () => {
    const { engine } = workbench.life;
    return exportedFolder(study, engine && signature(engine, workbench.networks.variant.peek()));
  };
  const result = selected?.state.value;

  /** A file for each image in one; it takes a while, and can be stopped. */
  const archive = async (
    what: string,
    entries: readonly Entry[],
    make: (makers: Makers, ...of: Parameters<Makers["zipOfTiles"]>) => Promise<Blob>,
  ) => {
    const content = await packing(workbench.notices, entries.length, async (progress) =>
      make(await takeAway(), entries, progress),
    );
    if (content !== null) downloadPicture(name(what, "zip"), content);
  };
  const pictures = () =>
    archive(
      "maps",
      chosen().filter((entry) => entry.plan.peek() !== null),
      ({ zipOfPictures }, entries, progress) => zipOfPictures(entries, workbench.settings.peek(), progress),
    );
  const tiles = () =>
    archive(
      "patches",
      chosen().filter((entry) => entry.state.peek().kind === "done"),
      ({ zipOfTiles }, ...of) => zipOfTiles(...of),
    );

  const askToPrint = () => {
    printWanted.value = true;
  };

  return (
    <details class="menu" ref={menu}>
      <summary class="button">{exports.title}</summary>
      <ul class="menu-items">
        {filter !== null && <li class="menu-note">{exports.listed(filter.images, filter.of)}</li>}
        <Choice
          {...exports.all}
          disabled={!some}
          onClick={take(() => downloadJson(name("report", "json"), results()))}
        />
        <Choice
          name={exports.patients.name}
          hint={filter === null ? exports.patients.hint : exports.patientsListed}
          disabled={!somePatients}
          onClick={table("patients", ({ patientsCsv }, form) =>
            patientsCsv(patientsOf(study, chosen()), exported(study), form),
          )}
        />
        <Choice
          {...exports.images}
          disabled={!some}
          onClick={table("images", ({ imagesCsv }, form) => imagesCsv(images(), form))}
        />
        <Choice
          {...exports.patches}
          disabled={!some}
          onClick={table("patches", ({ patchesCsv }, form) => patchesCsv(images(), form))}
        />
        <Choice
          {...exports.tiles}
          disabled={result?.kind !== "done"}
          onClick={take(async () => {
            const { tilesOf } = await takeAway();
            if (selected !== null && result?.kind === "done") {
              downloadJson(
                tilesName(selected.name),
                tilesOf(result.report, selected.label.value, selected.demo),
                "application/geo+json",
              );
            }
          })}
        />
        <Choice {...exports.allTiles} disabled={!someDone} onClick={take(tiles)} />
        <Choice
          {...exports.picture}
          disabled={selected === null || selected.plan.value === null}
          onClick={take(picture)}
        />
        <Choice {...exports.pictures} disabled={!some} onClick={take(pictures)} />
        <Choice {...exports.print} disabled={!some} onClick={take(askToPrint)} />
      </ul>
    </details>
  );
}

interface ChoiceProps {
  name: string;
  hint: string;
  disabled: boolean;
  onClick: () => void;
}

function Choice({ name, hint, disabled, onClick }: ChoiceProps) {
  return (
    <li>
      <button type="button" class="menu-item" disabled={disabled} onClick={onClick}>
        {name}
        <span class="menu-hint" aria-hidden="true">
          {hint}
        </span>
      </button>
    </li>
  );
}
