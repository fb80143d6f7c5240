// `npm test`: vitest with our configuration, under the Node that start.js has checked.
import { startVitest } from "vitest/node";

const vitest = await startVitest("test", process.argv.slice(2), {
  config: new URL("vitest.config.ts", import.meta.url).pathname,
  watch: false,
});
await vitest?.close();
