// The buttons that bring pictures: from files, from a folder, from a camera.

import { useRef } from "preact/hooks";
import { choosesFolders } from "../engine/capabilities.ts";
import { wholeSlideSeries } from "../slide/later.ts";
import { fromChosen, fromFolder } from "../study/intake.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

/** A report that was saved may be chosen like an image, and so may a model. */
const ACCEPT =
  ".onnx,application/json,.json,text/csv,.csv,.tsv,image/png,image/jpeg,image/tiff,image/bmp,image/webp,.png,.jpg,.jpeg,.tif,.tiff,.bmp,.webp,.svs,.ndpi,.scn,.bif,.dcm";

export function Pickers({ quiet = false }: { quiet?: boolean }) {
  const workbench = useWorkbench();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const take = async (input: HTMLInputElement, isFolder: boolean) => {
    const chosen = [...(input.files ?? [])];
    // So that choosing the same file again is a change again.
    input.value = "";
    workbench.arrivals.add(await (isFolder ? fromFolder : fromChosen)(chosen, wholeSlideSeries));
  };

  const folders = choosesFolders(globalThis);
  const { pickers } = words.value;
  return (
    <div class="pickers">
      <button
        type="button"
        class={quiet ? "button" : "button button-primary"}
        onClick={() => files.current?.click()}
      >
        {quiet ? pickers.addImages : pickers.chooseImages}
      </button>
      {folders ? (
        <button type="button" class="button" onClick={() => folder.current?.click()}>
          {quiet ? pickers.addFolder : pickers.chooseFolder}
        </button>
      ) : (
        // Said once, on the empty page.
        !quiet && <p class="hint">{pickers.noFolder}</p>
      )}
      {!workbench.live.value && (
        <button
          type="button"
          class="button"
          onClick={() => {
            workbench.live.value = true;
          }}
        >
          {pickers.live}
        </button>
      )}
      <input
        ref={files}
        class="visually-hidden"
        type="file"
        multiple
        accept={ACCEPT}
        tabIndex={-1}
        aria-label={pickers.files}
        data-picker="files"
        onChange={(event) => void take(event.currentTarget, false)}
      />
      <input
        ref={folder}
        class="visually-hidden"
        type="file"
        // @ts-expect-error The standard's types do not have it.
        webkitdirectory={true}
        tabIndex={-1}
        aria-label={pickers.folder}
        data-picker="folder"
        onChange={(event) => void take(event.currentTarget, true)}
      />
    </div>
  );
}
