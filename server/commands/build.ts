import { buildScripts } from "../build.ts";

await buildScripts();
