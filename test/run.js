// `npm test`: vitest with our configuration, under the Node that start.js has checked. What follows `npm test --` goes
// to vitest: names of files, or options such as -t "a test's name".
import { join } from "node:path";
import { parseCLI, startVitest } from "vitest/node";

// Each file of tests, and each server that one starts, loads all of the server: what Node has compiled once is kept.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "..", "node_modules", ".cache", "compiled");

const { filter, options } = parseCLI(["vitest", "run", ...process.argv.slice(2)]);
const vitest = await startVitest("test", filter, {
  ...options,
  config: new URL("vitest.config.ts", import.meta.url).pathname,
  watch: false,
});
await vitest.close();
