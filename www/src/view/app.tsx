// The page: header, intake, results, footer, and what concerns the whole window (drop, paste, announcements).

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { words } from "../words/words.ts";
import type { Workbench } from "../workbench.ts";
import { useWorkbench, WorkbenchContext } from "./context.ts";
import { EarlierStudies } from "./earlier.tsx";
import { EngineTrouble } from "./engine-trouble.tsx";
import { Footer, Header } from "./frame.tsx";
import { ImportTroubles } from "./import-trouble.tsx";
import { AssignDialog, LiveRoom, ModelDialog, PrintDialog, Results } from "./later.tsx";
import { NoticeList } from "./notices.tsx";
import { UpdateNotice } from "./offline-note.tsx";
import { OwnModelNotice } from "./own-model-notice.tsx";
import { PrintReport, printWanted } from "./print-report.tsx";
import { ResearchNotice } from "./research-notice.tsx";
import { LessonNotice } from "./teach/lesson-note.tsx";
import { Welcome } from "./welcome.tsx";
import { useWindowIntake } from "./window-intake.ts";

export function App({ workbench }: { workbench: Workbench }) {
  const dragging = useWindowIntake(workbench);
  const count = workbench.study.total.value;
  useFocusKept(count > 0);
  return (
    <WorkbenchContext.Provider value={workbench}>
      <div class={`page ${dragging ? "is-dragging" : ""}`}>
        <PrintReport />
        <Header />
        <ResearchNotice />
        <main>
          <UpdateNotice />
          <OwnModelNotice />
          <LessonNotice />
          <EngineTrouble />
          <ImportTroubles />
          <EarlierStudies />
          <NoticeList />
          {workbench.live.value && <LiveRoom />}
          {count === 0 ? <Welcome /> : <Results onThere={focusNext} />}
        </main>
        <Footer />
        <Once when={workbench.own.dialog.value.kind !== "closed"}>
          <ModelDialog />
        </Once>
        {workbench.assigning.value !== null && <AssignDialog />}
        {printWanted.value && <PrintDialog />}
        <Announcement />
        {dragging && (
          <div class="drop-veil" aria-hidden="true">
            <p>{words.value.page.drop}</p>
          </div>
        )}
      </div>
    </WorkbenchContext.Provider>
  );
}

/** Shown from the first time that it is wanted: a dialog gives the focus back only where it stays to be closed. */
function Once({ when, children }: { when: boolean; children: ComponentChildren }) {
  const wanted = useRef(false);
  wanted.current ||= when;
  return wanted.current ? children : null;
}

/**
 * What had the focus may go with the page that it stood on: the next thing to look at gets it then, or a keyboard would
 * have to start from the top.
 */
function useFocusKept(filled: boolean): void {
  const before = useRef(filled);
  useEffect(() => {
    if (before.current === filled) return;
    before.current = filled;
    focusNext();
  }, [filled]);
}

/** Of the results, which may come a moment later than the first image, or of the empty page. */
function focusNext(): void {
  if (document.activeElement !== document.body && document.activeElement !== null) return;
  const next = document.querySelector<HTMLElement>(".toolbar button, .dropzone button");
  next?.focus({ preventScroll: true });
}

/** By itself, since it changes with each image. */
function Announcement() {
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {useWorkbench().announcement.value?.(words.value)}
    </p>
  );
}
