// What can be taken away, in one menu: everything as JSON, tables as CSV, a picture, a report on paper.

import { useEffect, useRef } from "preact/hooks";
import { asHistoscopeError } from "../base/errors.ts";
import type { CsvForm } from "../study/csv.ts";
import { commonFolder, exported } from "../study/exports.ts";
import { plain, told } from "../words/told.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { csvForm } from "./csv-form.ts";
import { dated, downloadCsv, downloadJson, downloadPicture, pictureName, tilesName } from "./download.ts";
import { takeAway } from "./later.tsx";
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
      workbench.notices.tell("intake", ({ notices }) => notices.notSaved(plain(told(why).message)));
    });
  };

  const { study } = workbench;
  const name = (what: string, extension: string) =>
    dated(what, extension, commonFolder(study.entries.peek()));

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

  const listed = study.listed.value;
  const narrowed = listed < study.total.value;
  /** What the filter lets through, where there is one: the menu says so. */
  const images = () => exported(study, narrowed ? study.listedEntries() : undefined);
  const result = selected?.state.value;

  /** Every image that the filter shows, with its map; it takes a while, and can be stopped. */
  const pictures = async () => {
    const entries = (narrowed ? study.listedEntries() : study.entries.peek()).filter(
      (entry) => entry.plan.peek() !== null,
    );
    const stop = new AbortController();
    const say = (done: number) =>
      workbench.notices.tell("zip", ({ notices }) => notices.painting(done, entries.length), {
        say: ({ toolbar }) => toolbar.cancel,
        act: () => stop.abort(),
      });
    say(0);
    try {
      const { zipOfPictures } = await takeAway();
      const content = await zipOfPictures(entries, workbench.settings.peek(), stop.signal, say);
      downloadPicture(name("maps", "zip"), content);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    } finally {
      workbench.notices.drop("zip");
    }
  };
  return (
    <details class="menu" ref={menu}>
      <summary class="button">{exports.title}</summary>
      <ul class="menu-items">
        <Choice
          {...exports.all}
          disabled={!some}
          onClick={take(() => downloadJson(name("report", "json"), workbench.exportedFolder()))}
        />
        <Choice
          {...exports.patients}
          disabled={study.patients.value.length === 0}
          onClick={table("patients", ({ patientsCsv }, form) => patientsCsv(study.diagnoses(), form))}
        />
        <Choice
          name={exports.images.name}
          hint={narrowed ? exports.listed(listed) : exports.images.hint}
          disabled={!some}
          onClick={table("images", ({ imagesCsv }, form) => imagesCsv(images(), form))}
        />
        <Choice
          name={exports.patches.name}
          hint={narrowed ? exports.listed(listed) : exports.patches.hint}
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
                tilesOf(result.report, selected.label.value),
                "application/geo+json",
              );
            }
          })}
        />
        <Choice
          {...exports.picture}
          disabled={selected === null || selected.plan.value === null}
          onClick={take(picture)}
        />
        <Choice
          name={exports.pictures.name}
          hint={narrowed ? exports.listed(listed) : exports.pictures.hint}
          disabled={!some}
          onClick={take(pictures)}
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
