// The built page in Firefox.

import { launchFirefox } from "./firefox.ts";
import { journeys } from "./journeys.ts";
import { servePython } from "./servers.ts";
import { expect, SMALL } from "./site.ts";
import { openIn, reportIn, shows, testIn } from "./tab.ts";

const test = testIn(launchFirefox);

journeys(test, { crowd: 1000, study: 300, deeper: true });

test("asks for nothing but itself", { tag: "@slow" }, async ({ tab }) => {
  const site = await servePython();
  try {
    await openIn(tab, site.url);
    await shows(tab, "Saved on this machine");
    const urls: string[] = [];
    tab.page.on("request", (request) => {
      // `data:` and `blob:` ask nobody.
      if (/^\w+:\/\//.test(request.url())) urls.push(request.url());
    });
    await tab.reload();
    await reportIn(tab, SMALL);
    expect(urls).toContain(tab.page.url());
    expect(urls.filter((url) => !url.startsWith(site.url))).toEqual([]);
  } finally {
    await site.stop();
  }
});
