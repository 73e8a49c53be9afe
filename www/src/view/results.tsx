// What stands on the page once there are images: what can be done with them, what they say together, the table, and the
// one that is looked at.

import { useEffect, useLayoutEffect } from "preact/hooks";
import { useWorkbench } from "./context.ts";
import { Detail } from "./detail.tsx";
import { keepFocus } from "./focus-keeper.ts";
import { ImageList } from "./image-list.tsx";
import { Summary } from "./summary.tsx";
import { TeachSection } from "./teach/teach-section.tsx";
import { Toolbar } from "./toolbar.tsx";

export function Results({ onThere }: { onThere(): void }) {
  const { study, quiz } = useWorkbench();
  const many = study.total.value > 1 && !quiz.on.value;
  // When it has been drawn: the focus asks for the layout of all that has just come.
  useEffect(onThere, []);
  useLayoutEffect(keepFocus, []);
  return (
    <>
      <Toolbar />
      {!quiz.on.value && <Summary />}
      <div class={many ? "bench bench-many" : "bench"}>
        {many && <ImageList />}
        <Detail />
      </div>
      {/* Below: what it says needs many images, and a first one is to be seen at once. */}
      {!quiz.on.value && <TeachSection />}
    </>
  );
}
