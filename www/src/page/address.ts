// Settings in the page's address and in the browser's storage.

import type { Place } from "./preferences.ts";
import { rememberedOptions, rememberOptions } from "./remembered.ts";

export const ADDRESS: Place = {
  query: () => location.search,
  rewrite: (query) => history.replaceState(null, "", location.pathname + query + location.hash),
  remembered: rememberedOptions,
  remember: rememberOptions,
};
