// Hosts as they are: Python's plain server, nginx with our configuration, and what a host may do wrong.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { chromium, type Page } from "@playwright/test";
import { POLICIES } from "../serve.mjs";
import { chromiumLaunch } from "./chromium.mjs";
import { answers, ended, freePort, servePython } from "./servers.ts";
import { choose, copies, DIST, expect, open, rows, SMALL, serveSite, test } from "./site.ts";

/** A first visit with an analysis, and, with the server stopped, a second one. No request may go anywhere else. */
async function visitTwice(page: Page, url: string, stop: () => Promise<void>): Promise<void> {
  const elsewhere: string[] = [];
  page.context().on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("blob:")) elsewhere.push(request.url());
  });
  await page.goto(url);
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
  await expect(page.getByText("Saved on this machine")).toBeVisible();
  await stop();
  await page.reload();
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
  expect(elsewhere).toEqual([]);
}

test("at an address that is not secure the same bytes count once, and what is remembered can be removed", {
  tag: "@slow",
}, async ({ site }) => {
  const { args = [], ...launch } = chromiumLaunch();
  const browser = await chromium.launch({
    ...launch,
    args: [...args, "--host-resolver-rules=MAP histoscope.test 127.0.0.1"],
  });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    await open(page, { ...site, url: site.url.replace("127.0.0.1", "histoscope.test") });
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    const [one = "", copy = ""] = await copies(SMALL, 2);
    await cp(one, copy);
    await choose(page, one, copy);
    await expect(rows(page).last()).toContainText("Same as copy-0");

    const remembered = () => page.evaluate(() => Object.keys(localStorage).length);
    await page.getByText("Options").first().click();
    await page.locator("select[name=max_patches]").selectOption("10");
    expect(await remembered()).toBe(1);
    await page.getByRole("button", { name: "Remove from this machine" }).click();
    await expect(page.getByText("Removed from this machine.")).toBeVisible();
    expect(await remembered()).toBe(0);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});

test("every script that comes later was compared with its digest, those that only other parts import, too", {
  tag: "@slow",
}, async ({ page, site }) => {
  const came: string[] = [];
  page.on("response", (response) => {
    const file = basename(new URL(response.url()).pathname);
    // A worker's script is compared as the bytes that it is started from.
    if (file.endsWith(".js") && !file.includes("worker")) came.push(file);
  });
  await open(page, site);
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
  const compared = await page
    .locator("script[integrity], link[integrity]")
    .evaluateAll((all) => all.map((one) => one.getAttribute("src") ?? one.getAttribute("href") ?? ""));
  const files = new Set(compared.map((address) => basename(address)));
  expect(came.length).toBeGreaterThan(10);
  expect(came.filter((file) => !files.has(file))).toEqual([]);
});

const HOSTING = join(import.meta.dirname, "..", "..", "hosting");

test("the ready-made files send the same headers with every file, but for how long it is kept", async () => {
  const config = await readFile(join(HOSTING, "nginx.conf"), "utf8");
  const headers = (text: string, form: RegExp) =>
    [...text.matchAll(form)]
      .map(([, name, value]) => `${name}: ${value}`)
      .filter((header) => !header.startsWith("Cache-Control"));
  const places = config.split(/^location /m).filter((place) => place.includes("alias"));
  const [page = [], ...others] = places.map((place) => headers(place, /^ +add_header ([\w-]+) "(.+)";$/gm));
  expect(page.map((header) => header.slice(0, header.indexOf(":")))).toEqual([
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Content-Security-Policy",
  ]);
  expect(others.length).toBeGreaterThan(0);
  for (const other of others) expect([...other].sort()).toEqual([...page].sort());
  const apache = headers(
    await readFile(join(HOSTING, ".htaccess"), "utf8"),
    /^ +Header set ([\w-]+) "(.+)"$/gm,
  );
  expect(apache).toEqual(page);
  const caddy = headers(await readFile(join(HOSTING, "Caddyfile"), "utf8"), /^\t{3}([\w-]+) "(.+)"$/gm);
  expect(caddy).toEqual(page);
  expect(Object.entries(POLICIES).map(([name, value]) => `${name}: ${value}`)).toEqual(page);
});

test("the page works under the policies that `make serve` sends", async ({ page }) => {
  const site = await serveSite("/", DIST, POLICIES);
  try {
    const answer = await page.request.get(`${site.url}service-worker.js`);
    expect(answer.headers()["content-security-policy"]).toBe(POLICIES["Content-Security-Policy"]);
    await open(page, site);
    await choose(page, SMALL);
    await expect(page.locator(".verdict-word")).toBeVisible();
  } finally {
    await site.stop();
  }
});

test.describe("servers", { tag: "@slow" }, () => {
  test.use({ serviceWorkers: "allow" });

  test("Python's plain file server under a sub-path", async ({ page }) => {
    const site = await servePython();
    try {
      await visitTwice(page, site.url, site.stop);
    } finally {
      await site.stop();
    }
  });

  test("nginx with hosting/nginx.conf", async ({ page }) => {
    const program = nginx();
    if (program === null)
      console.warn("NOT TESTED: hosting/nginx.conf. Install nginx (apt install nginx-light).");
    test.skip(program === null, "nginx is not installed");
    const root = await mkdtemp(join(tmpdir(), "histoscope-nginx-"));
    let server: ChildProcess | undefined;
    try {
      // A copy: nginx's workers may run as another user, who cannot read a checkout.
      await cp(DIST, join(root, "site"), { recursive: true });
      await mkdir(join(root, "temp"));
      execFileSync("chmod", ["-R", "a+rX", root]);
      const ours = await readFile(join(HOSTING, "nginx.conf"), "utf8");
      const port = await freePort();
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((name) => `${name}_temp_path ${root}/temp/${name};`)
        .join("\n");
      await writeFile(
        join(root, "nginx.conf"),
        `daemon off; pid ${root}/pid; error_log ${root}/error.log; events {}
        http { access_log off; ${temporary}
          server { listen 127.0.0.1:${port}; ${ours.replaceAll("/srv/histoscope", `${root}/site`)} } }`,
      );
      const args = ["-c", join(root, "nginx.conf"), "-e", join(root, "error.log")];
      execFileSync(program ?? "", ["-t", ...args], { stdio: "pipe" });
      server = spawn(program ?? "", args, { stdio: "ignore" });
      const url = `http://127.0.0.1:${port}/histoscope/`;
      await answers(url);

      const withoutSlash = await fetch(url.slice(0, -1));
      expect(new URL(withoutSlash.url).pathname).toBe("/histoscope/");
      const names = [...(await (await fetch(url)).text()).matchAll(/histoscope_bg-[\w-]+\.wasm/g)];
      const wasm = await fetch(`${url}assets/${names[0]?.[0]}`, { headers: { "accept-encoding": "gzip" } });
      expect(wasm.headers.get("content-type")).toBe("application/wasm");
      expect(wasm.headers.get("content-encoding")).toBe("gzip");
      expect(wasm.headers.get("cache-control")).toContain("immutable");
      expect(wasm.headers.get("content-security-policy")).toContain("connect-src 'self'");
      expect(wasm.headers.get("referrer-policy")).toBe("no-referrer");
      const worker = await fetch(`${url}service-worker.js`);
      expect(worker.headers.get("content-security-policy")).toContain("connect-src 'self'");
      expect(worker.headers.get("cache-control")).toBe("no-cache");
      expect(worker.headers.get("permissions-policy")).toContain("camera=(self)");

      await visitTwice(page, url, () => ended(server));
    } finally {
      await ended(server);
      await rm(root, { recursive: true });
    }
  });
});

function nginx(): string | null {
  for (const program of ["nginx", "/usr/sbin/nginx"]) {
    try {
      execFileSync(program, ["-v"], { stdio: "ignore" });
      return program;
    } catch {
      // Not this one.
    }
  }
  return null;
}

for (const { what, url } of [
  { what: "an engine", url: "**/*.wasm" },
  { what: "a worker's script", url: "**/worker-*.js" },
]) {
  test(`${what} with one wrong byte is not run`, { tag: "@slow" }, async ({ page, site }) => {
    await page.route(url, async (route) => {
      const response = await route.fetch();
      const bytes = await response.body();
      const last = bytes.length - 1;
      bytes[last] = (bytes[last] ?? 0) ^ 1;
      await route.fulfill({ response, body: bytes });
    });
    await page.goto(site.url);
    const card = page.getByRole("alert");
    await expect(card.locator("code")).toHaveText("engine_hash_mismatch");
    await expect(card).toContainText("SHA-256");
    expect(page.workers()).toEqual([]);

    // What is still being answered is waited for: else its answer comes twice.
    await page.unrouteAll({ behavior: "wait" });
    await card.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByText("Ready, all loaded")).toBeVisible();
  });
}

for (const { what, url } of [
  { what: "a part of the script that comes later", url: "**/assets/results-*.js" },
  { what: "a script that only such parts import", url: "**/assets/judgement-*.js" },
]) {
  test(`${what} is not run where it was changed, and the page says so`, { tag: "@slow" }, async ({
    page,
    site,
  }) => {
    const changed: string[] = [];
    await page.route(url, async (route) => {
      const response = await route.fetch();
      changed.push(basename(new URL(route.request().url()).pathname));
      const mark = "globalThis.ranThoughChanged = true;";
      await route.fulfill({ response, body: `${await response.text()}\n${mark}` });
    });
    await page.goto(site.url);
    await choose(page, SMALL);
    const card = page.getByRole("alert");
    await expect(card.locator("code")).toHaveText("engine_hash_mismatch");
    await expect(card).toContainText("A part of the page is not the file that this page was built with");
    expect(changed.length).toBeGreaterThan(0);
    // Neither it nor what imports it.
    expect(await page.evaluate(() => "ranThoughChanged" in globalThis)).toBe(false);
    await expect(rows(page)).toHaveCount(0);
    const html = await (await fetch(site.url)).text();
    const named = changed.filter((file) => new RegExp(`(src|href)="[^"]*${file}"`).test(html));
    expect(named, "what comes later is not named by the page itself").toEqual([]);

    // What is still being answered is waited for: else its answer comes twice.
    await page.unrouteAll({ behavior: "wait" });
    await card.getByRole("button", { name: "Try again" }).click();
    await expect(page.locator(".verdict-word")).toBeVisible();
  });
}

test("a page whose own script was changed does not start", async ({ page, site }) => {
  await page.route("**/index-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}\n` });
  });
  await page.goto(site.url);
  await expect(page.getByText("If this text stays, the page's script could not run.")).toBeVisible();
});

test("media types that a host does not know do no harm", { tag: "@slow" }, async ({ page, site }) => {
  await page.route(/\.(wasm|onnx|json)(\?|$)/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, contentType: "application/octet-stream" });
  });
  await open(page, site);
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
});
