import { parseArgs } from "node:util";
import { buildScripts } from "../server/build.ts";
import { tidy, type Line, type Row } from "./bench.ts";
import { buildLoadGenerator } from "./load.ts";
import { compression, memory, singlePosts } from "./lines/fan-out.ts";
import { flood, posting, reconnecting } from "./lines/newsroom.ts";
import { desk } from "./lines/desk.ts";
import { keyPress } from "./lines/key-press.ts";
import { media } from "./lines/media.ts";
import { feeds } from "./lines/feeds.ts";
import { page } from "./lines/page.ts";
import { readerPage } from "./lines/reader-page.ts";
import { discussion } from "./lines/discussion.ts";
import { million } from "./lines/million.ts";
import { words } from "./lines/words.ts";

const LINES: Record<string, Line> = {
  "fan-out": singlePosts,
  memory,
  compression,
  flood,
  page,
  "reader-page": readerPage,
  feeds,
  post: posting,
  reconnect: reconnecting,
  "key-press": keyPress,
  desk,
  media,
  words,
  discussion,
  million,
};

const USAGE = `npm run bench -- [${Object.keys(LINES).join("] [")}] [--readers 1000,10000] [--posts 10,1000] [--quick]`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    readers: { type: "string", default: "1000,5000,10000" },
    posts: { type: "string", default: "10,1000,10000" },
    port: { type: "string", default: "3100" },
    quick: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help || positionals.some((name) => !LINES[name])) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 1);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
buildLoadGenerator();
await buildScripts();
const settings = {
  readers: values.readers.split(",").map(Number),
  posts: values.posts.split(",").map(Number),
  port: Number(values.port),
  quick: values.quick,
};
const rows: Row[] = [];
for (const [name, line] of Object.entries(LINES)) {
  if (positionals.length && !positionals.includes(name)) continue;
  console.log(`… ${name}`);
  await line(settings, (row) => {
    rows.push(row);
    console.log(formatted(row).join("  "));
  });
}
await tidy();
print(rows);

function formatted({ what, dateline, peer = "", ratio, goal = "", met }: Row): string[] {
  const times = ratio === undefined ? "" : `${ratio.toFixed(2)} ×`;
  return [what, dateline, peer, times, goal + (met === undefined ? "" : met ? " (met)" : " (MISSED)")];
}

function print(rows: Row[]): void {
  const cells = [["", "Dateline", "peer", "ratio", "goal"], ...rows.map(formatted)];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  console.log();
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    );
}
