// The page: header, intake, results, footer, and what concerns the whole window (drop, paste, announcements).

import { words } from "../words/words.ts";
import type { Workbench } from "../workbench.ts";
import { WorkbenchContext } from "./context.ts";
import { Detail } from "./detail.tsx";
import { EngineTrouble } from "./engine-trouble.tsx";
import { Footer, Header } from "./frame.tsx";
import { ImageList } from "./image-list.tsx";
import { ImportTrouble } from "./import-trouble.tsx";
import { ModelDialog } from "./model-dialog.tsx";
import { UpdateNotice } from "./offline-note.tsx";
import { OwnModelNotice } from "./own-model-notice.tsx";
import { PrintReport } from "./print-report.tsx";
import { Summary } from "./summary.tsx";
import { Toolbar } from "./toolbar.tsx";
import { Welcome } from "./welcome.tsx";
import { useWindowIntake } from "./window-intake.ts";

export function App({ workbench }: { workbench: Workbench }) {
  const dragging = useWindowIntake(workbench);
  const count = workbench.entries.value.length;
  return (
    <WorkbenchContext.Provider value={workbench}>
      <div class={`page ${dragging ? "is-dragging" : ""}`}>
        <Header />
        <main>
          <UpdateNotice />
          <OwnModelNotice />
          <EngineTrouble />
          <ImportTrouble />
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
        <p class="visually-hidden" role="status" aria-live="polite">
          {workbench.announcement.value?.(words.value)}
        </p>
        {dragging && (
          <div class="drop-veil" aria-hidden="true">
            <p>{words.value.page.drop}</p>
          </div>
        )}
      </div>
    </WorkbenchContext.Provider>
  );
}
