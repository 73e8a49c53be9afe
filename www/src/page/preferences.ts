// What a person has set: from the page's address, else from the last visit, and kept in both.

import { type Signal, signal } from "@preact/signals";
import { queryFromSettings, type Settings, settingsFromQuery } from "../run/options.ts";
import { partsOfQuery, withLanguage } from "../words/language.ts";

/** Where settings are kept. */
export interface Place {
  query(): string;
  /** Puts another query into the address, at once or when the browser allows it. */
  rewrite(query: string): void;
  remembered(): string;
  remember(query: string): void;
}

export class Preferences {
  readonly settings: Signal<Settings>;
  readonly #place: Place;

  constructor(
    readonly defaults: Settings,
    place: Place,
  ) {
    this.#place = place;
    // An address that says something of options was sent by somebody, and counts alone.
    const query = partsOfQuery(place.query()).options || place.remembered();
    this.settings = signal(settingsFromQuery(query, defaults));
  }

  set(change: Partial<Settings>): void {
    const settings = { ...this.settings.peek(), ...change };
    this.settings.value = settings;
    // Only the address asks for another engine: the next visit takes the best there is.
    const { kernels, runtime } = this.defaults;
    this.#place.remember(queryFromSettings({ ...settings, kernels, runtime }, this.defaults));
    const { language } = partsOfQuery(this.#place.query());
    this.#place.rewrite(withLanguage(queryFromSettings(settings, this.defaults), language));
  }
}
