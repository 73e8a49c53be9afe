// Settings in the page's address and in the browser's storage.

import type { Place } from "./preferences.ts";
import { query } from "./query.ts";
import { rememberedOptions, rememberOptions } from "./remembered.ts";

export const ADDRESS: Place = {
  query: () => query.text,
  rewrite: (text) => {
    query.text = text;
  },
  remembered: rememberedOptions,
  remember: rememberOptions,
};
