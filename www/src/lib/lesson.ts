// Fetches a lesson's file from its address. The core reads and checks it.

import { HistoscopeError, ModelError } from "../base/errors.ts";
import { fetched, reasonOf } from "../engine/fetching.ts";
import { said } from "../words/said.ts";

export async function fetchLesson(address: string, signal: AbortSignal): Promise<string> {
  try {
    return await (await fetched(new URL(address, document.baseURI), signal)).text();
  } catch (error) {
    if (error instanceof HistoscopeError) throw error;
    throw new ModelError(...said("lesson_missing", "file", { reason: reasonOf(error) }));
  }
}
