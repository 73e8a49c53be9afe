// Looking through a camera: its picture with the map, what is seen, and what can be done with it.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Live } from "../../live/live.ts";
import { Objectives } from "../../live/objectives.ts";
import { rememberedObjectives, rememberObjectives } from "../../page/remembered.ts";
import { fromList } from "../../study/intake.ts";
import { liveWords } from "../../words/live.ts";
import type { Workbench } from "../../workbench.ts";
import { useWorkbench } from "../context.ts";
import { downloadPicture } from "../download.ts";
import { CalibrationForm, CalibrationLine, type Line, lineAcross } from "./calibration.tsx";
import { CameraFields } from "./camera-fields.tsx";
import { LiveStage } from "./live-stage.tsx";
import { LiveVerdict } from "./live-verdict.tsx";
import { ObjectiveField } from "./objective-field.tsx";

function liveOf(workbench: Workbench): Live {
  const { settings, classroom, life } = workbench;
  return new Live({
    pool: async () => (await life.ready).pool,
    options: () => ({ ...settings.peek(), variant: workbench.networks.variant.peek() }),
    lesson: () => classroom.inForce.peek()?.text ?? "",
    objectives: new Objectives({ recall: rememberedObjectives, remember: rememberObjectives }),
    keep: (file) => workbench.arrivals.add(fromList([file])),
  });
}

export function LiveRoom() {
  const workbench = useWorkbench();
  const live = useMemo(() => liveOf(workbench), []);
  const { objectives } = live;
  const video = useRef<HTMLVideoElement>(null);
  const stage = useRef<HTMLElement>(null);
  const [line, setLine] = useState<Line | null>(null);
  const state = live.state.value;
  const still = live.still.value;
  const optics = live.optics.value;
  const said = liveWords.value;

  const open = (id: string | null = null) => {
    setLine(null);
    if (video.current !== null) void live.open(video.current, id);
  };
  useEffect(() => {
    open();
    const list = () => void live.list();
    navigator.mediaDevices?.addEventListener("devicechange", list);
    return () => {
      navigator.mediaDevices?.removeEventListener("devicechange", list);
      live.close();
    };
  }, []);
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), []);
  // The picture takes the keys, once it is there, unless a person has gone elsewhere meanwhile.
  useLayoutEffect(() => {
    if (state.kind === "on" && document.activeElement === title.current) stage.current?.focus();
  }, [state.kind]);

  // Other options, another model, another lesson: what is shown was found without them.
  const options = workbench.settings.value;
  const lesson = workbench.classroom.lesson.value;
  const { maxPatches, screen, stride, uncertainBelow } = options;
  const network = workbench.networks.network.value;
  useEffect(() => {
    if (live.state.peek().kind === "on") live.again();
  }, [maxPatches, screen, stride, uncertainBelow, workbench.networks.variant.value, lesson, network]);
  // Everything that is kept was removed, this too.
  const kept = workbench.offline.kept.value.kind;
  useEffect(() => objectives.read(), [kept]);

  const press = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    if (ctrlKey || metaKey || altKey || isControl(target)) return;
    if (key === " ") toggle();
    else if (key === "k" || key === "K") void live.keep();
    else return;
    event.preventDefault();
  };
  const toggle = () => {
    setLine(null);
    if (still === null) void live.freeze();
    else live.goOn();
  };
  const calibrate = async () => {
    await live.freeze();
    if (optics !== null) setLine(lineAcross(optics));
  };

  return (
    <section class="live" aria-labelledby="live-title" onKeyDown={press}>
      <header class="live-head">
        <h2 ref={title} id="live-title" tabIndex={-1}>
          {said.title}
        </h2>
        <button
          type="button"
          class="button"
          onClick={() => {
            workbench.live.value = false;
          }}
        >
          {said.close}
        </button>
      </header>
      {state.kind === "failed" && (
        <Failed title={said.failed} {...said.troubles[state.trouble.code]} code={state.trouble.code}>
          {state.trouble.detail !== "" && <p lang="en">{state.trouble.detail}</p>}
          <button type="button" class="button" onClick={() => open()}>
            {said.tryAgain}
          </button>
        </Failed>
      )}
      {state.kind === "asking" && <p role="status">{said.asking}</p>}
      {/* It is there from the first: the camera is shown in it. */}
      <div class="live-body" hidden={state.kind !== "on"}>
        <div class="live-picture">
          <LiveStage stage={stage} video={video} live={live} bare={line !== null}>
            {line !== null && optics !== null && (
              <CalibrationLine line={line} size={optics} onLine={setLine} />
            )}
          </LiveStage>
          <div class="actions live-actions">
            <button type="button" class="button" aria-pressed={still !== null} onClick={toggle}>
              {still === null ? said.freeze : said.goOn}
            </button>
            <button
              type="button"
              class="button button-primary"
              disabled={live.kept.value !== null}
              onClick={() => void live.keep()}
            >
              {said.keep}
            </button>
            {still !== null && (
              <button
                type="button"
                class="button"
                onClick={() => void live.file().then((file) => file && downloadPicture(file.name, file))}
              >
                {said.save}
              </button>
            )}
          </div>
          <p class="hint">{said.keys}</p>
          <p role="status">{live.kept.value !== null && said.kept(live.kept.value)}</p>
        </div>
        <div class="live-side">
          {line === null ? (
            <>
              <LiveVerdict live={live} />
              <ObjectiveField live={live} objectives={objectives} onCalibrate={() => void calibrate()} />
              {state.kind === "on" && <CameraFields live={live} camera={state.camera} onChoose={open} />}
            </>
          ) : (
            optics !== null && (
              <CalibrationForm
                line={line}
                optics={optics}
                onCancel={() => setLine(null)}
                onSave={(objective) => {
                  objectives.add(objective);
                  setLine(null);
                  live.again();
                  stage.current?.focus();
                }}
              />
            )
          )}
        </div>
      </div>
    </section>
  );
}

/** What the keys mean something else to. */
const isControl = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest("button, input, select, a, summary") !== null;

interface FailedProps {
  title: string;
  message: string;
  remedy: string;
  code: string;
  children: ComponentChildren;
}

function Failed({ title, message, remedy, code, children }: FailedProps) {
  return (
    <section class="error-card" role="alert">
      <h3>{title}</h3>
      <p class="error-message">{message}</p>
      <p class="remedy">{remedy}</p>
      <p class="error-code">
        {liveWords.value.code} <code>{code}</code>
      </p>
      {children}
    </section>
  );
}
