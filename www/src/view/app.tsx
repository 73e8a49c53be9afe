// The page: header, intake, results, footer, and what concerns the whole window (drop, paste, announcements).

import { words } from "../words/words.ts";
import type { Workbench } from "../workbench.ts";
import { useWorkbench, WorkbenchContext } from "./context.ts";
import { Detail } from "./detail.tsx";
import { EngineTrouble } from "./engine-trouble.tsx";
import { Footer, Header } from "./frame.tsx";
import { ImageList } from "./image-list.tsx";
import { ImportTroubles } from "./import-trouble.tsx";
import { ModelDialog } from "./model-dialog.tsx";
import { Notices } from "./notices.tsx";
import { UpdateNotice } from "./offline-note.tsx";
import { OwnModelNotice } from "./own-model-notice.tsx";
import { PrintReport } from "./print-report.tsx";
import { Summary } from "./summary.tsx";
import { Toolbar } from "./toolbar.tsx";
import { Welcome } from "./welcome.tsx";
import { useWindowIntake } from "./window-intake.ts";

export function App({ workbench }: { workbench: Workbench }) {
  const dragging = useWindowIntake(workbench);
  const count = workbench.study.total.value;
  return (
    <WorkbenchContext.Provider value={workbench}>
      <div class={`page ${dragging ? "is-dragging" : ""}`}>
        <Header />
        <main>
          <UpdateNotice />
          <OwnModelNotice />
          <EngineTrouble />
          <ImportTroubles />
          <Notices />
          {count === 0 ? (
            <Welcome />
          ) : (
            <>
              <Toolbar />
              <Summary />
              <div class={count === 1 ? "bench" : "bench bench-many"}>
                {count > 1 && <ImageList />}
                <Detail />
              </div>
            </>
          )}
        </main>
        <Footer />
        <PrintReport />
        <ModelDialog />
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

/** By itself, since it changes with each image. */
function Announcement() {
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {useWorkbench().announcement.value?.(words.value)}
    </p>
  );
}
