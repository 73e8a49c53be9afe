// Work of which only the newest matters: one piece at a time, and of those that wait only the last that came.

/** Null for what was overtaken before it began. */
export function newest(): <T>(work: () => Promise<T>) => Promise<T | null> {
  let busy = false;
  let waiting: ((go: boolean) => void) | null = null;
  return async (work) => {
    if (busy) {
      waiting?.(false);
      const go = await new Promise<boolean>((decide) => {
        waiting = decide;
      });
      if (!go) return null;
    }
    busy = true;
    try {
      return await work();
    } finally {
      const next = waiting;
      waiting = null;
      // Whoever waits goes on as if it had never been idle between.
      busy = next !== null;
      next?.(true);
    }
  };
}
