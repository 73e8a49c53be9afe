// Installs packages on Debian where we may; the tools that look for a browser share it.

import { spawnSync } from "node:child_process";
import { isDebian } from "../www/e2e/chromium.mjs";

/** Runs a command with all that it says on stderr: the stdout of our tools carries a path only. */
export function run(command, ...args) {
  console.error(`$ ${command} ${args.join(" ")}`);
  return spawnSync(command, args, { stdio: ["ignore", 2, 2] }).status === 0;
}

/** Whether the packages are there now. Nothing is tried elsewhere than on Debian, or without the right to. */
export function aptInstall(...packages) {
  if (!isDebian()) return false;
  const root = process.getuid?.() === 0;
  if (!root && spawnSync("sudo", ["-n", "true"]).status !== 0) return false;
  const apt = [...(root ? [] : ["sudo", "-n"]), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
  run(...apt, "update", "-qq");
  return run(...apt, "install", "-y", "-qq", "--no-install-recommends", ...packages);
}
