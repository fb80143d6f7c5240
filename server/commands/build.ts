import { buildScripts } from "../assets.ts";

await buildScripts();
