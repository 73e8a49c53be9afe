// A notification by the system when a long run ends, for those who ask for one: only then the browser is asked, too.

import { effect, signal } from "@preact/signals";
import { resultWords } from "../words/result.ts";
import type { Workbench } from "../workbench.ts";
import { useWorkbench } from "./context.ts";

const wanted = signal(false);

/** Said where the page is out of sight when the last image has come to an end. */
function sayWhenDone({ study }: Workbench): void {
  const stop = effect(() => {
    if (study.open.value > 0) return;
    wanted.value = false;
    const { done, failed } = study.counts.peek();
    if (document.visibilityState === "hidden") {
      const { tellMe } = resultWords.peek();
      new Notification(tellMe.title, { body: tellMe.body(done, failed) });
    }
    queueMicrotask(() => stop());
  });
}

/** Nothing where the browser has no notifications, or a person has refused them. */
export function TellMe() {
  const workbench = useWorkbench();
  const { tellMe } = resultWords.value;
  if (!("Notification" in globalThis) || Notification.permission === "denied") return null;
  const ask = async () => {
    if ((await Notification.requestPermission()) !== "granted") return;
    if (wanted.peek()) return;
    wanted.value = true;
    sayWhenDone(workbench);
  };
  return wanted.value ? (
    <span class="muted"> {tellMe.will}</span>
  ) : (
    <button type="button" class="button button-small" onClick={() => void ask()}>
      {tellMe.ask}
    </button>
  );
}
