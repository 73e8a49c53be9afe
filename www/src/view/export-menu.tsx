// What can be taken away, in one menu: everything as JSON, tables as CSV, a picture, a report on paper.

import { useEffect, useRef } from "preact/hooks";
import { asHistoscopeError } from "../base/errors.ts";
import { imagesCsv, patchesCsv } from "../study/csv.ts";
import { exported } from "../study/exports.ts";
import { plain, told } from "../words/told.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { downloadCsv, downloadJson, downloadPicture, pictureName } from "./download.ts";
import { selectedPicture } from "./map-picture.ts";
import { printReport } from "./print-report.tsx";

export function ExportMenu() {
  const workbench = useWorkbench();
  const menu = useRef<HTMLDetailsElement>(null);
  const selected = workbench.study.selected.value;
  const some = workbench.study.finished.value > 0;
  const { exports } = words.value;

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
      const why = asHistoscopeError(error);
      workbench.intakeNotice.value = ({ notices }) => notices.notSaved(plain(told(why).message));
    });
  };

  const picture = async () => {
    if (selected === null) return;
    const content = await selectedPicture(workbench);
    if (content !== null) downloadPicture(pictureName(selected.file.name), content);
  };

  return (
    <details class="menu" ref={menu}>
      <summary class="button">{exports.title}</summary>
      <ul class="menu-items">
        <Choice
          {...exports.all}
          disabled={!some}
          onClick={take(() => downloadJson("histoscope-report.json", workbench.exportedFolder()))}
        />
        <Choice
          {...exports.images}
          disabled={!some}
          onClick={take(() => downloadCsv("histoscope-images.csv", imagesCsv(exported(workbench.study))))}
        />
        <Choice
          {...exports.patches}
          disabled={!some}
          onClick={take(() => downloadCsv("histoscope-patches.csv", patchesCsv(exported(workbench.study))))}
        />
        <Choice
          {...exports.picture}
          disabled={selected === null || selected.plan.value === null}
          onClick={take(picture)}
        />
        <Choice {...exports.print} disabled={!some} onClick={take(() => printReport(workbench))} />
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
