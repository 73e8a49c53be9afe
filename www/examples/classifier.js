// The classifier in a page of one's own: several images, one diagnosis, errors with a remedy, and a way to stop.

import { CancelledError, createClassifier } from "../dist-package/index.js";

const input = document.querySelector("input");
const list = document.querySelector("ol");
const output = document.querySelector("output");
const cancel = document.querySelector("button");

const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

/** A report, of an image or of a folder, in a few words. Of what is unfamiliar no probability is claimed. */
function words({ verdict, probabilities }) {
  return probabilities === null || verdict === "unfamiliar"
    ? verdict
    : `${verdict}, ${percent.format(probabilities.malignant)} malignant`;
}

function show(item, report) {
  item.dataset.verdict = report.success ? report.verdict : "failed";
  item.lastChild.textContent = report.success
    ? words(report)
    : `${report.error.remedy} (${report.error.code})`;
}

async function classify(classifier, files) {
  const abort = new AbortController();
  cancel.onclick = () => abort.abort();
  cancel.hidden = false;
  list.replaceChildren();
  const items = files.map(({ name }) => {
    const item = list.appendChild(document.createElement("li"));
    item.append(name, document.createElement("span"));
    return item;
  });
  output.textContent = "Classifying …";
  try {
    const folder = await classifier.classifyMany(files, {
      signal: abort.signal,
      onProgress({ done, total }, index) {
        items[index].lastChild.textContent = total > 0 ? `${done} of ${total} patches` : "reading";
      },
      onResult: (report, index) => show(items[index], report),
    });
    const diagnosis = folder.aggregated_diagnosis;
    if (folder.no_verdict !== undefined) {
      const patients = folder.patients.map(({ patient, verdict }) => `${patient} ${verdict ?? "not read"}`);
      output.textContent = `By patient: ${patients.join(", ")}.`;
    } else if (diagnosis !== null) output.textContent = `All together: ${words(diagnosis)}.`;
    else if (folder.num_unfamiliar > 0) output.textContent = "No image is familiar to the model.";
    else output.textContent = "No image could be assessed.";
  } catch (error) {
    output.textContent = error instanceof CancelledError ? "Cancelled." : `${error.message} ${error.remedy}`;
  } finally {
    cancel.hidden = true;
  }
}

try {
  const classifier = await createClassifier();
  output.textContent = `Ready: ${classifier.model.name} ${classifier.model.version}, ${classifier.engine.kernels}.`;
  input.onchange = () => classify(classifier, [...input.files]);
  if (input.files.length > 0) input.onchange();
} catch (error) {
  output.textContent = `${error.message} ${error.remedy}`;
}
