import { startApp } from "./app.ts";
import { buildScripts } from "./assets.ts";
import { readConfig } from "./config.ts";
import { DEMO_ACCOUNTS, DEMO_PASSWORD, ensureDemo } from "./demo/demo.ts";
import { openResources } from "./resources.ts";
import { explain } from "./start-errors.ts";

/** Milliseconds after which a stop that hangs is forced. */
const STOP_WITHIN = 25_000;

try {
  const config = readConfig(process.env);
  await buildScripts();
  const resources = await openResources(config);
  const app = await startApp(config, resources).catch(async (error: unknown) => {
    await resources.close();
    throw error;
  });
  const demo = resources.embedded && config.demo && (await ensureDemo(app.context));

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      setTimeout(() => process.exit(1), STOP_WITHIN).unref();
      void app
        .stop()
        .then(() => resources.close())
        .then(() => process.exit(0));
    });
  }

  console.log(`Dateline is running at ${app.url}`);
  if (demo) {
    console.log(`The demo story:   ${app.url}/blogs/demo   (npm run demo -- --live keeps it going)`);
    console.log(`Demo sign-ins:    ${DEMO_ACCOUNTS.map(({ email }) => email).join(", ")}`);
    console.log(`Their password:   ${DEMO_PASSWORD}`);
  }
  console.log(`Everything is in: ${resources.place}`);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
