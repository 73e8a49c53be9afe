// Servers that are programs of their own.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DIST, expect, type Site } from "./site.ts";

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((ready) => probe.listen(0, "127.0.0.1", ready));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  return typeof address === "object" && address !== null ? address.port : 0;
}

export async function answers(url: string): Promise<void> {
  const status = () =>
    fetch(url).then(
      (response) => response.status,
      () => 0,
    );
  await expect.poll(status).toBe(200);
}

export async function ended(server: ChildProcess | undefined): Promise<void> {
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill();
  await gone;
}

/** The built page under a sub-path of Python's plain file server. It may be stopped twice. */
export async function servePython(): Promise<Site> {
  const root = await mkdtemp(join(tmpdir(), "histoscope-site-"));
  let server: ChildProcess | undefined;
  const stop = async () => {
    await ended(server);
    await rm(root, { recursive: true, force: true });
  };
  try {
    await symlink(DIST, join(root, "tool"));
    const port = String(await freePort());
    const program = process.platform === "win32" ? "python" : "python3";
    server = spawn(program, ["-m", "http.server", port, "--bind", "127.0.0.1", "--directory", root], {
      stdio: "ignore",
    });
    const url = `http://127.0.0.1:${port}/tool/`;
    await answers(url);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
