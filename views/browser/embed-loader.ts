import { defineLatest } from "./embed/latest.ts";
import { mountFrame } from "./embed/frame.ts";

// What other sites load as /embed.js: `<script async src="…/embed.js" data-blog="…">` puts a blog where it stands, and
// `<dateline-latest blog="…">` shows its newest lines.
const script = document.currentScript as HTMLScriptElement | null;
if (script?.src) {
  const { origin } = new URL(script.src);
  defineLatest(origin);
  if (script.dataset.blog !== undefined) mountFrame(script, origin);
}
