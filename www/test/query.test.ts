// A change of the address that the browser refuses for a while is made up for.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Query } from "../src/page/query.ts";

/** A window whose address can be changed `left` times. */
class Bar {
  left = 2;
  readonly location = { pathname: "/tool/", search: "?stride=112", hash: "#x" };
  readonly history = {
    replaceState: (_state: unknown, _title: string, url?: string | URL | null) => {
      this.asked.push(String(url));
      if (this.left-- <= 0) throw new DOMException("too often", "SecurityError");
      this.location.search = new URL(String(url), "http://localhost").search;
    },
  };
  readonly asked: string[] = [];
}

describe("the query of the address", () => {
  let bar: Bar;
  let query: Query;
  beforeEach(() => {
    vi.useFakeTimers();
    bar = new Bar();
    query = new Query(bar);
  });
  afterEach(() => vi.useRealTimers());

  it("shows what was set last as soon as it may be", () => {
    for (const text of ["?opacity=0.1", "?opacity=0.2", "?opacity=0.3", ""]) query.text = text;
    expect(bar.location.search).toBe("?opacity=0.2");
    expect(query.text).toBe("");
    bar.left = 1;
    vi.runAllTimers();
    expect(bar.location.search).toBe("");
    expect(query.text).toBe("");
    expect(bar.asked.at(-1)).toBe("/tool/#x");
  });

  it("is asked again for a while, and then let be", () => {
    bar.left = 0;
    query.text = "?stride=56";
    vi.runAllTimers();
    expect(bar.asked).toHaveLength(40);
    expect(bar.location.search).toBe("?stride=112");
  });
});
