// Looking through a camera: Chromium's own fake one, which shows a clip of fields that were drawn.

import { chromium, type LaunchOptions, type Page } from "@playwright/test";
import { findings, findingsInBothSchemes, NOTHING } from "./axe.ts";
import { launchWithCamera, sharpClip, softClip } from "./clip.mjs";
import { downloadReport, expect, look, open, rows, test as usual } from "./site.ts";

/** Each in a browser of its own: which camera there is, a browser is told when it starts. */
const test = usual.extend<{ camera: LaunchOptions }>({
  camera: [launchWithCamera({ cameras: 1 }), { option: true }],
  page: async ({ camera, viewport }, use) => {
    const browser = await chromium.launch(camera);
    const context = await browser.newContext({ viewport, serviceWorkers: "block", locale: "en" });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    await use(page);
    await browser.close();
    expect(complaints, "uncaught errors in the page").toEqual([]);
  },
});

const room = (page: Page) => page.getByRole("region", { name: "Live from a camera" });
const stage = (page: Page) => page.getByRole("region", { name: "Picture of the camera" });

async function enter(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Live from a camera" }).click();
}

/** Whether the browser has a camera on for this page. */
const isOn = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const stream = document.querySelector("video")?.srcObject;
    return stream instanceof MediaStream && stream.active;
  });

test.describe("with drawn tissue under the microscope", () => {
  test.use({ camera: launchWithCamera({ clip: sharpClip() }) });

  test("a field gets its map and verdict, is held still, kept, and judged in the study", async ({
    page,
    site,
  }) => {
    await open(page, site);
    // Nobody asked for it yet.
    expect(await page.locator("video").count()).toBe(0);
    await enter(page);
    await expect(stage(page)).toBeFocused();
    const verdict = room(page).locator(".verdict-word");
    await expect(verdict).toHaveText("Unfamiliar");
    await expect(room(page).getByText(/fields a second/)).toBeVisible();
    await expect(room(page).getByText(/^12 patches of 30: |^\d+ of 12 patches voted: /)).toBeVisible();

    await page.keyboard.press("Space");
    await expect(room(page).getByRole("button", { name: "Go on" })).toBeVisible();
    // As many as the options ask for, as of a file.
    await expect(room(page).getByText(/^25 patches of 30: |^\d+ of 25 patches voted: /)).toBeVisible();
    await expect(room(page).getByText(/fields a second/)).toHaveCount(0);

    await page.keyboard.press("k");
    await expect(room(page).getByText(/^Kept in the study as field-[\d-]+\.png\.$/)).toBeVisible();
    await expect(room(page).getByRole("button", { name: "Keep this field" })).toBeDisabled();
    const report = await downloadReport(page);
    expect(report.filename).toMatch(/^field-\d{4}(-\d\d){5}-\d{3}\.png$/);
    expect(report).toMatchObject({ num_patches: 25, image: { width: 1400, height: 1150 } });
    expect(report.scale).toBeUndefined();
    await look(page, "live-kept.png");

    // The next one, without holding it still before.
    await page.getByRole("button", { name: "Go on" }).click();
    await expect(room(page).getByText(/^12 patches of 30: |^\d+ of 12 patches voted: /)).toBeVisible();
    await stage(page).focus();
    await page.keyboard.press("K");
    await expect(rows(page)).toHaveCount(2);

    await page.getByRole("button", { name: "Close the camera" }).click();
    await expect(room(page)).toHaveCount(0);
    await expect(rows(page)).toHaveCount(2);
  });

  test("a calibrated objective gives fields their scale, and goes with all that is kept", {
    tag: "@slow",
  }, async ({ page, site }) => {
    await open(page, site);
    await enter(page);
    await expect(room(page).locator(".verdict-word")).toBeVisible();
    await page.getByRole("button", { name: "Calibrate an objective" }).click();
    const line = page.getByRole("region", { name: "Line over the stage micrometer" });
    await expect(line).toBeVisible();
    const box = await line.boundingBox();
    if (box === null) throw new Error("the line has no place");
    // From the left edge over half of the picture: 700 of its pixels.
    await page.mouse.move(box.x, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await expect(page.getByText(/^(699|700|701)\.\d pixels: 0\.14\d*\sµm per pixel\.$/)).toBeVisible();
    // Its end by keyboard, as far as it takes to be exact.
    const end = page.getByRole("button", { name: "End of the line" });
    const place = async () => Number((await end.getAttribute("aria-description"))?.split(",")[0]);
    await end.focus();
    for (let press = 0; press < 30 && (await place()) < 720; press++) await page.keyboard.press("ArrowRight");
    expect(await place()).toBe(720);
    await page.getByLabel("Length of the line, in micrometres").fill("360,0");
    await page.getByLabel("Name of the objective").fill("20×");
    await look(page, "live-calibration.png");
    expect(await findings(page)).toEqual([]);
    await page.getByRole("button", { name: "Keep this objective" }).click();
    await expect(room(page).getByText(/^0\.[45]\d*\sµm per pixel$/)).toBeVisible();
    await expect(stage(page).locator(".scale-bar")).toBeVisible();

    await page.keyboard.press("k");
    await expect(room(page).getByText(/-20x\.png\.$/)).toBeVisible();
    const { scale } = await downloadReport(page);
    expect(scale?.source).toBe("resolution");
    expect(Math.abs((scale?.um_per_pixel ?? 0) - 0.5)).toBeLessThan(0.003);

    // At the next visit it is there, and can be chosen.
    await open(page, site);
    await enter(page);
    await page.getByLabel("Objective").selectOption("20×");
    await expect(room(page).getByText(/^0\.[45]\d*\sµm per pixel$/)).toBeVisible();
    await page.getByRole("button", { name: "Remove 20×" }).click();
    await expect(page.getByLabel("Objective")).toHaveCount(0);
    await open(page, site);
    await enter(page);
    await expect(room(page).locator(".verdict-word")).toBeVisible();
    await expect(page.getByLabel("Objective")).toHaveCount(0);
  });

  test("is for everyone: light, dark, a phone, and German", { tag: "@slow" }, async ({ page, site }) => {
    await open(page, site);
    await enter(page);
    await expect(room(page).locator(".verdict-word")).toHaveText("Unfamiliar");
    expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
    await page.setViewportSize({ width: 360, height: 740 });
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth))
      .toBeLessThanOrEqual(0);
    await look(page, "live-phone.png");
    await page.getByLabel("Language").selectOption("de");
    await expect(page.getByRole("heading", { name: "Live von einer Kamera" })).toBeVisible();
    await expect(page.getByText(/Felder je Sekunde/)).toBeVisible();
    await look(page, "live-phone-de.png");
  });

  test("a light and a zoom are offered where the camera has them, and show what it does", {
    tag: "@slow",
  }, async ({ page, site }) => {
    // As on the back of a phone, whose light refuses to go out.
    await page.addInitScript(() => {
      const set: Record<string, unknown> = { torch: false, zoom: 1 };
      const { getCapabilities, getSettings } = MediaStreamTrack.prototype;
      MediaStreamTrack.prototype.getCapabilities = function () {
        return Object.assign(getCapabilities.call(this), {
          torch: true,
          zoom: { min: 1, max: 4, step: 0.5 },
        });
      };
      MediaStreamTrack.prototype.getSettings = function () {
        return Object.assign(getSettings.call(this), set);
      };
      MediaStreamTrack.prototype.applyConstraints = async (wanted) => {
        const [change = {}] = wanted?.advanced ?? [];
        if ("torch" in change && change.torch === false) throw new DOMException("", "OverconstrainedError");
        Object.assign(set, change);
      };
    });
    await open(page, site);
    await enter(page);
    await expect(room(page).locator(".verdict-word")).toBeVisible();
    const light = room(page).getByLabel("Light");
    await light.check();
    await light.click();
    // It stays on, and says so.
    await expect(light).toBeChecked();
    const zoom = room(page).getByRole("slider", { name: "Zoom" });
    await zoom.fill("2.5");
    await expect(zoom).toHaveAttribute("aria-valuetext", "2.5");
    expect(await findings(page)).toEqual([]);
  });

  test("the camera is given back when it is closed, and is there again when it is wanted", {
    tag: "@slow",
  }, async ({ page, site }) => {
    await open(page, site);
    await enter(page);
    await expect.poll(() => isOn(page)).toBe(true);
    const stream = await page.evaluateHandle(() => document.querySelector("video")?.srcObject as MediaStream);
    await page.getByRole("button", { name: "Close the camera" }).click();
    await expect.poll(() => stream.evaluate(({ active }) => active)).toBe(false);
    await enter(page);
    await expect(room(page).locator(".verdict-word")).toBeVisible();

    // Pulled out: the browser ends the track.
    await page.evaluate(() => {
      const [track] = (document.querySelector("video")?.srcObject as MediaStream).getVideoTracks();
      track?.dispatchEvent(new Event("ended"));
    });
    await expect(page.getByRole("alert").locator("code")).toHaveText("camera_lost");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(room(page).locator(".verdict-word")).toBeVisible();
  });
});

test.describe("out of focus", () => {
  test.use({ camera: launchWithCamera({ clip: softClip() }) });

  test("is said at once, with what to do", { tag: "@slow" }, async ({ page, site }) => {
    await open(page, site);
    await enter(page);
    await expect(room(page).locator(".verdict-word")).toHaveText("Not assessable");
    await expect(room(page).getByText(/^Focus again/)).toBeVisible();
    await expect(room(page).getByText(/%/)).toHaveCount(0);
    await look(page, "live-blurred.png");
  });
});

test.describe("with two cameras", () => {
  test.use({ camera: launchWithCamera({ cameras: 2 }) });

  test("one or the other is chosen", { tag: "@slow" }, async ({ page, site }) => {
    await open(page, site);
    await enter(page);
    const choice = page.getByLabel("Camera", { exact: true });
    await expect(choice.locator("option")).toHaveCount(2);
    const used = () =>
      page.evaluate(() => {
        const [track] = (document.querySelector("video")?.srcObject as MediaStream).getVideoTracks();
        return track?.label;
      });
    const [first, second] = await choice.locator("option").allTextContents();
    expect(await used()).toBe(first);
    await choice.selectOption(second ?? "");
    await expect.poll(used).toBe(second);
    await expect(room(page).locator(".verdict-word")).toBeVisible();
  });
});

test.describe("without a camera", () => {
  test.use({ camera: launchWithCamera({ cameras: 0 }) });

  test("says so", async ({ page, site }) => {
    await open(page, site);
    await enter(page);
    await expect(page.getByRole("alert").locator("code")).toHaveText("camera_missing");
    await expect(page.getByText(/^Connect it, see that the system knows it/)).toBeVisible();
    expect(await findings(page)).toEqual([]);
  });
});

test.describe("with a camera that is forbidden", () => {
  test("the page says that its host does so", { tag: "@slow" }, async ({ page, site }) => {
    await page.route(site.url, async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), "permissions-policy": "camera=()" };
      await route.fulfill({ response, headers });
    });
    await page.goto(site.url);
    await expect(page.getByText("Ready, all loaded")).toBeVisible();
    await enter(page);
    await expect(page.getByRole("alert").locator("code")).toHaveText("camera_forbidden");
  });
});

test.describe("with a camera that nobody allows", () => {
  test.use({ camera: launchWithCamera({ cameras: 1, refuse: true }) });

  test("the page says so and can ask again", { tag: "@slow" }, async ({ page, site }) => {
    await open(page, site);
    await enter(page);
    await expect(page.getByRole("alert").locator("code")).toHaveText("camera_refused");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("alert").locator("code")).toHaveText("camera_refused");
  });
});

test.describe("at an address that is not secure", () => {
  const { args = [], ...launch } = launchWithCamera({ cameras: 1 });
  test.use({
    camera: { ...launch, args: [...args, "--host-resolver-rules=MAP histoscope.test 127.0.0.1"] },
  });

  test("there is no camera, and the page says where there is", { tag: "@slow" }, async ({ page, site }) => {
    await page.goto(site.url.replace("127.0.0.1", "histoscope.test"));
    await expect(page.getByText("Ready, all loaded")).toBeVisible();
    await enter(page);
    await expect(page.getByRole("alert").locator("code")).toHaveText("camera_insecure");
    await expect(
      page.getByText("Open the page by https, at localhost, or as the single file."),
    ).toBeVisible();
  });
});
