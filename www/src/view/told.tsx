// A text that came in English, as far as it is translated; what is not is marked as English.

import type { Phrase } from "../words/told.ts";

export function Told({ phrase }: { phrase: Phrase }) {
  return (
    <>
      {phrase.map(({ text, english }, index) =>
        english ? (
          <span key={index} lang="en">
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </>
  );
}
