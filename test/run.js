// `npm test`: vitest with our configuration, under the Node that start.js has checked. What follows `npm test --` goes
// to vitest: names of files, or options such as -t "a test's name".
import { parseCLI, startVitest } from "vitest/node";

const { filter, options } = parseCLI(["vitest", "run", ...process.argv.slice(2)]);
const vitest = await startVitest("test", filter, {
  ...options,
  config: new URL("vitest.config.ts", import.meta.url).pathname,
  watch: false,
});
await vitest.close();
