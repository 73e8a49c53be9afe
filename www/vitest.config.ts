// Unit tests run in plain Node: what they test (pool, folding, errors, colours) touches no DOM.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/**/*.test.ts"], environment: "node", benchmark: { include: ["bench/*.bench.ts"] } },
});
