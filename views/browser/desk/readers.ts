import { call } from "./api.ts";
import { el, part } from "./elements.ts";
import type { LiveSocket } from "../following.ts";

interface Readership {
  now: number;
  points: { at: string; readers: number }[];
  posts: { id: string; at: string; title: string }[];
}

const HOURS = 6;
/** Milliseconds. */
const EVERY = 60_000;
const MINUTE = 60_000;
const STEP = 30 * MINUTE;
/** Of the drawing, in its own units. */
const SIZE = { width: 320, height: 72, marks: 10 };

/** How many read the blog now, and over the last hours, with what was published meanwhile marked on it. */
export function showReaders(desk: HTMLElement, socket: LiveSocket): void {
  const now = document.getElementById("readers-now")!;
  const figure = document.getElementById("readers-figure")!;
  const words = document.getElementById("readers-words")!;
  const details = document.getElementById("readers-details") as HTMLDetailsElement;

  socket.on("presence", ({ stream, readers }) => {
    if (stream === `desk:${desk.dataset.blog}`) count(readers);
  });
  document.addEventListener("visibilitychange", () => void load());
  setInterval(() => void load(), EVERY);
  void load();

  function count(readers: number): void {
    now.textContent = readers.toLocaleString("en");
  }

  async function load(): Promise<void> {
    if (document.hidden) return;
    const answer = await call<Readership>("GET", `/api/blogs/${desk.dataset.blog}/readership?hours=${HOURS}`);
    if (answer.kind !== "done") return;
    count(answer.body.now);
    draw(answer.body);
  }

  function draw({ points, posts }: Readership): void {
    const end = Date.now();
    const begin = end - HOURS * 60 * MINUTE;
    const minutes = points.map(({ at, readers }) => ({ at: Date.parse(at), readers })).filter(({ at }) => at >= begin);
    const most = minutes.reduce((top, one) => (one.readers > top.readers ? one : top), { at: 0, readers: 0 });
    figure.hidden = details.hidden = most.readers === 0;
    words.textContent =
      most.readers === 0
        ? `Nobody has read it in the last ${HOURS} hours.`
        : `At most ${most.readers.toLocaleString("en")}, at ${clock(most.at)}, in the last ${HOURS} hours. ${posts.length === 1 ? "One post" : `${posts.length} posts`} meanwhile.`;
    if (most.readers === 0) return;
    const x = (at: number): number => round(((at - begin) / (end - begin)) * SIZE.width);
    const y = (readers: number): number =>
      round(SIZE.height - SIZE.marks - (readers / most.readers) * (SIZE.height - SIZE.marks - 4));
    figure.replaceChildren(drawing(lineOf(minutes, x, y), posts, x), el("figcaption", {}, ...edges(begin)));
    table(minutes, posts, begin, end);
  }

  function drawing(line: string, posts: Readership["posts"], x: (at: number) => number): SVGElement {
    const base = SIZE.height - SIZE.marks;
    const graph = svg("svg", {
      viewBox: `0 0 ${SIZE.width} ${SIZE.height}`,
      preserveAspectRatio: "none",
      class: "readers-graph",
      "aria-hidden": "true",
    });
    graph.append(
      svg("path", { d: `${line}L${lastX(line)} ${base}L${firstX(line)} ${base}Z`, class: "readers-area" }),
      svg("path", { d: line, class: "readers-line" }),
      svg("path", { d: `M0 ${base}H${SIZE.width}`, class: "readers-base" }),
    );
    for (const post of posts) {
      const mark = svg("path", {
        d: `M${x(Date.parse(post.at))} ${base + 2}v${SIZE.marks - 3}`,
        class: "readers-mark",
      });
      const title = svg("title", {});
      title.textContent = `${clock(Date.parse(post.at))} ${post.title}`;
      mark.append(title);
      graph.append(mark);
    }
    return graph;
  }

  function edges(begin: number): HTMLElement[] {
    return [
      el("span", {}, clock(begin)),
      el("span", {}, clock(begin + (HOURS / 2) * 60 * MINUTE)),
      el("span", {}, "now"),
    ];
  }

  /** The same for those who do not see the drawing, or want the numbers. */
  function table(
    minutes: { at: number; readers: number }[],
    posts: Readership["posts"],
    begin: number,
    end: number,
  ): void {
    const rows: HTMLElement[] = [];
    for (let at = Math.ceil(begin / STEP) * STEP; at < end; at += STEP) {
      const isIn = (moment: number): boolean => moment >= at && moment < at + STEP;
      const readers = Math.max(0, ...minutes.filter((one) => isIn(one.at)).map((one) => one.readers));
      const posted = posts.filter((post) => isIn(Date.parse(post.at))).length;
      rows.push(
        el(
          "tr",
          {},
          el("th", { scope: "row" }, clock(at)),
          el("td", {}, readers.toLocaleString("en")),
          el("td", {}, String(posted)),
        ),
      );
    }
    part(details, ".readers-table").replaceChildren(
      el(
        "table",
        {},
        el(
          "thead",
          {},
          el("tr", {}, ...["From", "Most readers", "Posts"].map((name) => el("th", { scope: "col" }, name))),
        ),
        el("tbody", {}, ...rows.toReversed()),
      ),
    );
  }

  /** On the newsroom's clocks. */
  function clock(at: number): string {
    const { timeZone } = document.getElementById("desk-header")!.dataset;
    return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: timeZone! });
  }
}

/** Minutes without anybody are not told; where they are, the line goes down to nought. */
function lineOf(
  minutes: { at: number; readers: number }[],
  x: (at: number) => number,
  y: (readers: number) => number,
): string {
  const points: string[] = [];
  minutes.forEach(({ at, readers }, n) => {
    const before = minutes[n - 1];
    if (before && at - before.at > 1.5 * MINUTE) points.push(`${x(before.at + MINUTE)} ${y(0)}`, `${x(at)} ${y(0)}`);
    if (!before) points.push(`${x(at)} ${y(0)}`);
    points.push(`${x(at)} ${y(readers)}`);
    if (n === minutes.length - 1) points.push(`${x(at + MINUTE)} ${y(readers)}`);
  });
  return `M${points.join("L")}`;
}

const firstX = (line: string): string => /^M(\S+)/.exec(line)![1]!;
const lastX = (line: string): string => line.split("L").at(-1)!.split(" ")[0]!;
const round = (n: number): number => Math.round(n * 10) / 10;

function svg(tag: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
