// The core as teaching sees it, over the page's workers.

import type { ModelSource } from "../engine/model-store.ts";
import type { Pool } from "../engine/pool.ts";
import type { Variant } from "../engine/protocol.ts";
import type { TeachCore } from "./core.ts";

export function coreOf(
  { pool, models }: { readonly pool: Pick<Pool, "call">; readonly models: Pick<ModelSource, "load"> },
  variant: Variant,
): TeachCore {
  return {
    evaluate: (request, signal) => pool.call("evaluate", { request }, { variant, signal }),
    teach: (request, features, signal) => pool.call("teach", { request, features }, { variant, signal }),
    check: (lesson) => pool.call("checkLesson", { lesson }, { variant }),
    // The arrays are made for the call, so that they can go over as they are.
    judge: ({ lesson, ...request }) => {
      const { voters, thresholds, logits, features } = request;
      const transfer = [voters, thresholds, logits, features].map(({ buffer }) => buffer);
      return pool.call("judge", { ...request, lesson: lesson ?? "" }, { variant, transfer });
    },
    judgeSlides: ({ lesson, ...request }) =>
      pool.call("judgeAnew", { ...request, lesson: lesson ?? "" }, { variant }),
    map: ({ file, options }, lesson, signal) =>
      pool.call("lessonMap", { file, filename: file.name, options, lesson }, { variant, signal }),
    exportLesson: async (lesson) => {
      // A lesson is the head of the int8 network, whichever runs.
      const model = await models.load("int8");
      return pool.call("exportLesson", { model, lesson }, { variant: "int8" });
    },
  };
}
