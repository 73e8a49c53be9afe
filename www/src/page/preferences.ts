// What a person has set: from the page's address, else from the last visit, and kept in both.

import { type Signal, signal } from "@preact/signals";
import { queryFromSettings, type Settings, settingsFromQuery } from "../run/options.ts";
import { partsOfQuery, withLanguage } from "../words/language.ts";

/** Where settings are kept. */
export interface Place {
  query(): string;
  /** Puts another query into the address. May throw: browsers limit how often it is done. */
  rewrite(query: string): void;
  remembered(): string;
  remember(query: string): void;
}

/** Safari allows to rewrite the address a hundred times in ten seconds: so many times at once, and one more each time. */
const REWRITES = 20;
const REFILL_MS = 250;

export class Preferences {
  readonly settings: Signal<Settings>;
  readonly #place: Place;
  #rewrites = REWRITES;
  /** The address lags behind. */
  #late = false;

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
    // Only the address asks for other kernels: the next visit takes the best there are.
    const { kernels } = this.defaults;
    this.#place.remember(queryFromSettings({ ...settings, kernels }, this.defaults));
    this.#late = true;
    if (this.#rewrites > 0) this.#rewrite();
  }

  #rewrite(): void {
    if (this.#rewrites-- === REWRITES) setTimeout(() => this.#refill(), REFILL_MS);
    const { language } = partsOfQuery(this.#place.query());
    try {
      this.#place.rewrite(withLanguage(queryFromSettings(this.settings.peek(), this.defaults), language));
      this.#late = false;
    } catch {
      // What was set holds all the same, and stands in the address when it may.
    }
  }

  #refill(): void {
    if (++this.#rewrites < REWRITES) setTimeout(() => this.#refill(), REFILL_MS);
    if (this.#late) this.#rewrite();
  }
}
