// Which camera, and what it can do by itself: phones have a light and a zoom.

import { useId } from "preact/hooks";
import type { Camera } from "../../live/camera.ts";
import type { Live } from "../../live/live.ts";
import { liveWords } from "../../words/live.ts";
import { decimal } from "../../words/words.ts";

interface CameraFieldsProps {
  live: Live;
  camera: Camera;
  onChoose(id: string): void;
}

export function CameraFields({ live, camera, onChoose }: CameraFieldsProps) {
  const id = useId();
  const devices = live.devices.value;
  const optics = live.optics.value;
  const zoom = camera.zoomRange;
  const said = liveWords.value;
  return (
    <div class="live-camera">
      <div class="field">
        <label class="field-name" for={id}>
          {said.camera}
        </label>
        <select id={id} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
          {devices.map(({ id, name }, index) => (
            <option key={id} value={id} selected={id === camera.id}>
              {name === "" ? said.unnamed(index + 1) : name}
            </option>
          ))}
        </select>
        {optics !== null && <span class="field-hint">{said.size(optics.width, optics.height)}</span>}
      </div>
      {camera.hasTorch && (
        <label>
          <input
            type="checkbox"
            checked={camera.torch}
            onChange={async ({ currentTarget }) => {
              await live.setTorch(currentTarget.checked);
              // Where the camera refuses nothing has changed that would be drawn anew.
              currentTarget.checked = camera.torch;
            }}
          />{" "}
          {said.torch}
        </label>
      )}
      {zoom !== null && optics !== null && (
        <label class="field">
          <span class="field-name">{said.zoom}</span>
          <input
            type="range"
            {...zoom}
            value={optics.zoom}
            aria-valuetext={decimal(optics.zoom, 1)}
            onChange={({ currentTarget }) => void live.setZoom(currentTarget.valueAsNumber)}
          />
        </label>
      )}
    </div>
  );
}
