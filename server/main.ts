import { once } from "node:events";
import { createServer } from "node:net";
import { startApp, type App } from "./app.ts";
import { buildScripts } from "./assets.ts";
import { readConfig, type Config } from "./config.ts";
import { DEMO_ACCOUNTS, DEMO_PASSWORD, ensureDemo } from "./demo/demo.ts";
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
  await buildScripts();
  const log = openLog(config);
  const resources = await openResources(config, (trouble) => log.error(trouble));
  let app: App | undefined;
  try {
    app = await startApp(config, resources);
    const demo = resources.embedded && config.demo && (await ensureDemo(app.context));
    stopOnSignal(app, resources);
    announce(app, resources, demo);
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
  await once(server, "listening");
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

function announce(app: App, { place }: OpenResources, demo: boolean): void {
  console.log(`Dateline is running at ${app.url}`);
  if (demo) {
    console.log(`The demo story:   ${app.url}/blogs/demo   (npm run demo -- --live keeps it going)`);
    console.log(`Demo sign-ins:    ${DEMO_ACCOUNTS.map(({ email }) => email).join(", ")}`);
    console.log(`Their password:   ${DEMO_PASSWORD}`);
  }
  console.log(`Everything is in: ${place}`);
}
