import { OptionsError } from "../base/errors.ts";
import type { EngineFiles } from "../engine/engine.ts";
import type { Places } from "./places.ts";
/** `wanted`: one of the words' clauses. */
export declare function invalidOption(option: string, wanted: string, value: unknown): OptionsError;
/**
 * Throws `OptionsError` if an address is none, or `integrity` names a file that there is not, lest a slip of the pen
 * check nothing.
 */
export declare function packageFiles({ modelUrl, engineUrl, integrity }: Places): EngineFiles;
