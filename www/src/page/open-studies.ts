// Which kept studies are open in a tab: each tab holds a Web Lock under the name of its study as long as it lives.

const PREFIX = "histoscope study ";

/** A tab that was closed or killed a moment ago still holds its lock: so often is looked before it counts as open, */
const LOOKS = 6;
/** with so long between, in milliseconds. Nobody waits for the answer. */
const PAUSE_MS = 200;

/** None where the browser has no locks for this page: then a study may be offered that another tab has open. */
export async function openStudies(): Promise<ReadonlySet<string>> {
  if (!("locks" in navigator)) return new Set();
  let open = await claimed();
  for (let look = 1; open.size > 0 && look < LOOKS; look++) {
    await new Promise((go) => setTimeout(go, PAUSE_MS));
    open = await claimed();
  }
  return open;
}

async function claimed(): Promise<ReadonlySet<string>> {
  const { held = [] } = await navigator.locks.query().catch(() => ({ held: [] }));
  const names = held.map(({ name = "" }) => name).filter((name) => name.startsWith(PREFIX));
  return new Set(names.map((name) => name.slice(PREFIX.length)));
}

/** Says that this tab has the study open, until the tab is closed. */
export function claimStudy(id: string): void {
  if (!("locks" in navigator)) return;
  navigator.locks.request(PREFIX + id, () => new Promise<never>(() => {})).catch(() => {});
}
