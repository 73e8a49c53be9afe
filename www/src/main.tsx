// Entry point of the page.

import { render } from "preact";
import { App } from "./view/app.tsx";
import { guardAgainstLoss } from "./view/leaving.ts";
import { speak } from "./view/spoken-document.ts";
import { Workbench } from "./workbench.ts";

const root = document.getElementById("app");
if (root !== null) {
  speak(document);
  const workbench = new Workbench();
  // First, so that the engine is fetched while the page is being shown.
  void workbench.start();
  void workbench.lookBack();
  guardAgainstLoss(workbench);
  root.replaceChildren();
  render(<App workbench={workbench} />, root);
}
