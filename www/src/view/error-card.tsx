// An error for a person: what happened, what to do, and the code to look it up by.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { HistoscopeError } from "../errors.ts";
import { sentence } from "../format.ts";

interface Props {
  title: string;
  error: HistoscopeError;
  children?: ComponentChildren;
}

export function ErrorCard({ title, error, children }: Props) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(JSON.stringify(error.toWire(), null, 2));
    setCopied(true);
  };
  return (
    <section class="error-card" role="alert">
      <h2>{title}</h2>
      <p class="error-message">{sentence(error.message)}</p>
      {error.remedy !== "" && <p class="remedy">{error.remedy}</p>}
      <p class="error-code">
        Error code <code>{error.code}</code>
      </p>
      <div class="actions">
        {children}
        {"clipboard" in navigator && (
          <button type="button" class="button button-quiet" onClick={() => void copy().catch(() => {})}>
            {copied ? "Copied" : "Copy details"}
          </button>
        )}
      </div>
    </section>
  );
}
