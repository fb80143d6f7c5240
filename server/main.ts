import { once } from "node:events";
import { createServer } from "node:net";
import type { App } from "./app.ts";
import { ConfigError, readConfig, type Config } from "./config.ts";
import { openLog } from "./log.ts";
import { openResources, type OpenResources } from "./resources.ts";
import { explain } from "./start-errors.ts";

/** Milliseconds after which a stop that hangs is forced. */
const STOP_WITHIN = 24_000;

try {
  await start(readConfig(process.env));
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

async function start(config: Config): Promise<void> {
  await checkPort(config);
  // Only now the bulk of the code: whoever mistyped a setting should not wait for it.
  const [{ startApp }, { buildScripts }, demo] = await Promise.all([
    import("./app.ts"),
    import("./build.ts"),
    import("./demo/demo.ts"),
  ]);
  await buildScripts();
  const log = openLog(config);
  const resources = await openResources(config, (trouble) => log.error(trouble));
  let app: App | undefined;
  try {
    app = await startApp(config, resources);
    const hasDemo = resources.embedded && config.demo && (await demo.ensureDemo(app.context));
    // A promise that nobody waits for leaves nothing half done, and ten thousand readers should not pay for it.
    process.on("unhandledRejection", (error) => log.error({ err: error }, "a failure that nobody handled"));
    stopOnSignal(app, resources);
    announce(app, resources, hasDemo ? demo : null);
  } catch (error) {
    await app?.stop();
    await resources.close();
    throw error;
  }
}

/** Whoever has to wait for a first start should not learn only then that the port is taken. */
async function checkPort({ port, host }: Config): Promise<void> {
  if (port === 0) return;
  const server = createServer().listen(port, host);
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTFOUND") throw error;
    throw new ConfigError(`There is no machine called ${host}; set another HOST.`);
  });
  server.close();
  await once(server, "close");
}

/** The first signal lets everybody finish; a second one, or a stop that takes too long, does not. */
function stopOnSignal(app: App, resources: OpenResources): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      setTimeout(() => process.exit(1), STOP_WITHIN).unref();
      void stop(app, resources);
    });
}

async function stop(app: App, resources: OpenResources): Promise<void> {
  try {
    await app.stop();
    await resources.close();
    process.exit(0);
  } catch (error) {
    app.context.log.error({ err: error }, "could not stop cleanly");
    process.exit(1);
  }
}

/** The demo's password is public, so these lines tell nobody a secret. */
function announce(app: App, { place }: OpenResources, demo: typeof import("./demo/demo.ts") | null): void {
  console.log(`Dateline is running at ${app.url}`);
  if (demo) {
    console.log(`The demo story:   ${app.url}/blogs/demo   (npm run demo -- --live keeps it going)`);
    console.log(`Demo sign-ins:    ${demo.DEMO_ACCOUNTS.map(({ email }) => email).join(", ")}`);
    console.log(`Their password:   ${demo.DEMO_PASSWORD}`);
  }
  console.log(`Everything is in: ${place}`);
}
