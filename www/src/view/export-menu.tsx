// What can be taken away, in one menu: everything as JSON, tables as CSV, a picture, a report on paper.

import { useEffect, useRef } from "preact/hooks";
import { imagesCsv, patchesCsv } from "../csv.ts";
import { asHistoscopeError } from "../errors.ts";
import { useWorkbench } from "./context.ts";
import { downloadCsv, downloadJson, downloadPicture, pictureName } from "./download.ts";
import { selectedPicture } from "./map-picture.ts";
import { printReport } from "./print-report.tsx";

export function ExportMenu() {
  const workbench = useWorkbench();
  const menu = useRef<HTMLDetailsElement>(null);
  const selected = workbench.selected.value;
  const some = workbench.finished.value.length > 0;

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
    Promise.resolve(make()).catch((error) => {
      workbench.intakeNotice.value = `Nothing was saved. ${asHistoscopeError(error).message}`;
    });
  };

  const picture = async () => {
    if (selected === null) return;
    const content = await selectedPicture(workbench);
    if (content !== null) downloadPicture(pictureName(selected.file.name), content);
  };

  return (
    <details class="menu" ref={menu}>
      <summary class="button">Export</summary>
      <ul class="menu-items">
        <Choice
          name="Download all (JSON)"
          hint="Every report and patient; can be opened here again"
          disabled={!some}
          onClick={take(async () => downloadJson("histoscope-report.json", await workbench.exportedFolder()))}
        />
        <Choice
          name="Images (CSV)"
          hint="One line for each image"
          disabled={!some}
          onClick={take(() => downloadCsv("histoscope-images.csv", imagesCsv(workbench.exported())))}
        />
        <Choice
          name="Patches (CSV)"
          hint="One line for each patch"
          disabled={!some}
          onClick={take(() => downloadCsv("histoscope-patches.csv", patchesCsv(workbench.exported())))}
        />
        <Choice
          name="Selected image with map (PNG)"
          hint="With legend and verdict"
          disabled={selected === null || selected.plan.value === null}
          onClick={take(picture)}
        />
        <Choice
          name="Print a report"
          hint="On paper, or as PDF by the browser"
          disabled={!some}
          onClick={take(() => printReport(workbench))}
        />
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
