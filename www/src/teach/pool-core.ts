// The core as teaching sees it, over the page's workers.

import type { Pool } from "../engine/pool.ts";
import type { Variant } from "../engine/protocol.ts";
import type { TeachCore } from "./core.ts";

export function coreOf(pool: Pick<Pool, "call">, variant: Variant): TeachCore {
  return {
    evaluate: (request, signal) => pool.call("evaluate", { request }, { variant, signal }),
    teach: (request, features, signal) => pool.call("teach", { request, features }, { variant, signal }),
    check: (lesson) => pool.call("checkLesson", { lesson }, { variant }),
    judge: ({ lesson, ...request }) =>
      pool.call("judgeAnew", { ...request, lesson: lesson ?? "" }, { variant }),
  };
}
