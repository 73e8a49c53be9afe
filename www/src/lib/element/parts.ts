// What the element consists of. Each has its name as class and as part, so that pages can style it.

/** Makes an element that others may style as `::part(name)`. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  name: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = name;
  element.setAttribute("part", name);
  element.append(...children);
  return element;
}

/** The name of a class behind its colour. */
export function chip(name: string, colour: string): HTMLElement {
  const sample = document.createElement("i");
  sample.style.background = colour;
  const entry = document.createElement("span");
  entry.append(sample, name);
  return entry;
}

/** Every node of the shadow tree that is written to later. */
export class Parts {
  readonly choose = make("button", "choose");
  readonly file = make("input", "file");
  readonly or = make("span", "or");
  readonly formats = make("span", "formats");

  readonly step = make("span", "step-words");
  readonly progress = make("progress", "progress");
  readonly cancel = make("button", "cancel");
  readonly work = make("div", "work", make("div", "step", this.step, this.progress), this.cancel);

  readonly canvas = make("canvas", "canvas");
  readonly benign = make("span", "benign-end");
  readonly ramp = make("span", "ramp");
  readonly malignant = make("span", "malignant-end");
  /** In place of the three before it, where a lesson has classes of its own. */
  readonly classes = make("span", "classes");
  readonly shown = document.createElement("input");
  readonly toggleWords = document.createElement("span");
  readonly picture = make(
    "figure",
    "picture",
    this.canvas,
    make(
      "figcaption",
      "legend",
      this.benign,
      this.ramp,
      this.malignant,
      this.classes,
      make("label", "toggle", this.shown, this.toggleWords),
    ),
  );

  readonly name = make("p", "name");
  readonly verdict = make("p", "verdict");
  readonly probabilityWords = document.createElement("span");
  readonly percent = document.createElement("b");
  readonly share = document.createElement("div");
  readonly bar = make("div", "bar", this.share);
  readonly probability = make("div", "probability", this.probabilityWords, " ", this.percent, this.bar);
  readonly advice = make("p", "advice");
  readonly patches = make("p", "patches");
  readonly result = make(
    "div",
    "result",
    this.name,
    this.verdict,
    this.probability,
    this.advice,
    this.patches,
  );
  readonly finding = make("div", "finding", this.picture, this.result);

  readonly title = document.createElement("h3");
  readonly message = document.createElement("p");
  readonly remedy = make("p", "remedy");
  readonly code = make("code", "code");
  readonly retry = make("button", "retry");
  readonly trouble = document.createElement("div");
  readonly error = make("div", "error", this.trouble, this.retry);

  readonly notice = make("p", "notice");
  readonly live = document.createElement("p");
  readonly box = make(
    "div",
    "box",
    make("div", "drop", this.choose, this.file, this.or, this.formats),
    this.work,
    this.error,
    this.finding,
    this.notice,
    this.live,
  );

  constructor() {
    for (const button of [this.choose, this.cancel, this.retry]) button.type = "button";
    this.file.type = "file";
    this.file.accept = "image/*,.tif,.tiff";
    // The button before it opens it; a second stop for the Tab key would say nothing new.
    this.file.tabIndex = -1;
    this.file.setAttribute("aria-hidden", "true");
    this.canvas.setAttribute("role", "img");
    this.shown.type = "checkbox";
    this.shown.checked = true;
    this.bar.setAttribute("aria-hidden", "true");
    // Only the sentences: a button within an alert would be read with them.
    this.trouble.setAttribute("role", "alert");
    this.trouble.append(this.title, this.message, this.remedy, this.code);
    this.live.className = "live";
    this.live.setAttribute("role", "status");
  }
}
