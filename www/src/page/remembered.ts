// What lasts from one visit to the next, in the browser's storage: options, as the query that the page's address would
// have, the language that was chosen, the objectives that were calibrated, and whether studies are kept. With the page's
// folder in each name: copies of the page on one host share the storage, and must not take each other's.

const OPTIONS = "histoscope.options";
const LANGUAGE = "histoscope.language";
const OBJECTIVES = "histoscope.objectives";
const KEEPING = "histoscope.keeping";
const OFF = "off";

const named = (key: string): string => `${key} ${new URL(".", document.baseURI).pathname}`;

/** Empty where nothing is kept, or the browser keeps nothing for this page. */
function recall(key: string): string {
  try {
    return localStorage.getItem(named(key)) ?? "";
  } catch {
    return "";
  }
}

function remember(key: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(named(key));
    else localStorage.setItem(named(key), text);
  } catch {
    // A browser that keeps nothing takes only this comfort away.
  }
}

export const rememberedOptions = (): string => recall(OPTIONS);
export const rememberOptions = (query: string): void => remember(OPTIONS, query);

export const rememberedLanguage = (): string => recall(LANGUAGE);
export const rememberLanguage = (language: string): void => remember(LANGUAGE, language);

export const rememberedObjectives = (): string => recall(OBJECTIVES);
export const rememberObjectives = (text: string): void => remember(OBJECTIVES, text);

/** Whether studies are kept on this machine: unless a person has said no. */
export const wantsKeeping = (): boolean => recall(KEEPING) !== OFF;
export const rememberKeeping = (wanted: boolean): void => remember(KEEPING, wanted ? "" : OFF);

export function forgetAll(): void {
  rememberOptions("");
  rememberLanguage("");
  rememberObjectives("");
}
