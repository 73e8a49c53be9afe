// Hears what the elements of the page have found.

const output = document.querySelector("output");

document.addEventListener("histoscope-report", ({ detail: { filename, verdict } }) => {
  output.textContent = `${filename} is ${verdict}`;
});
document.addEventListener("histoscope-error", ({ detail: { code } }) => {
  output.textContent = `an error, ${code}`;
});
