// An error for a person: what happened, what to do, and the code to look it up by.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { HistoscopeError } from "../base/errors.ts";
import { told } from "../words/told.ts";
import { words } from "../words/words.ts";
import { Told } from "./told.tsx";

interface Props {
  title: string;
  error: HistoscopeError;
  children?: ComponentChildren;
}

export function ErrorCard({ title, error, children }: Props) {
  const [copied, setCopied] = useState(false);
  const { trouble } = words.value;
  const { message, remedy } = told(error);
  const copy = async () => {
    await navigator.clipboard.writeText(JSON.stringify(error.toWire(), null, 2));
    setCopied(true);
  };
  return (
    <section class="error-card" role="alert">
      <h2>{title}</h2>
      <p class="error-message">
        <Told phrase={message} />
      </p>
      {remedy.length > 0 && (
        <p class="remedy">
          <Told phrase={remedy} />
        </p>
      )}
      <p class="error-code">
        {trouble.code} <code>{error.code}</code>
      </p>
      <div class="actions">
        {children}
        {"clipboard" in navigator && (
          <button type="button" class="button button-quiet" onClick={() => void copy().catch(() => {})}>
            {copied ? trouble.copied : trouble.copy}
          </button>
        )}
      </div>
    </section>
  );
}
