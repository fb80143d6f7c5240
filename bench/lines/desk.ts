/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Page } from "playwright-core";
import { hasChromium, launchChromium } from "../../test/chromium.ts";
import { ms, percentile, type Line, type Row } from "../bench.ts";
import { Dateline } from "../dateline.ts";
import { NO_CHROMIUM, openDesk } from "../pages.ts";
import { storyText } from "../story.ts";

const POSTS = 2_000;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** Milliseconds in which the page has to show what follows from a key, a press or a message of the stream. */
const GOAL = 100;
/** Browsers report no event below; about one frame. */
const LEAST = 16;

interface Interaction {
  what: string;
  /** Not measured. */
  prepare?: (n: number) => Promise<unknown>;
  act(n: number): Promise<unknown>;
  /**
   * In the page: whether what the key asked for is there. Then it is the time from the key to the screen that is
   * measured, the server's answer included, and not for how long the page was busy.
   */
  isShown?: () => boolean;
}

/** The desk of a blog with all its posts on the page, used by hand and changed by the stream. */
export const desk: Line = async ({ port, quick }, add) => {
  if (!hasChromium()) return console.log(NO_CHROMIUM);
  const server = await Dateline.start(port);
  await server.createBlog("bridge");
  await server.fill("bridge", POSTS);
  const browser = await launchChromium();
  try {
    const measureAll = async (page: Page, where: string, interactions: Interaction[]) => {
      for (const one of interactions)
        add(row(`${where}: ${one.what}`, await measure(page, one, quick ? 4 : 12), !one.isShown));
    };
    const laptop = await openDesk(browser, server, "bridge", { prepare: watch });
    add(row("desk, the last 60 of 2,000 posts come: median / worst", (await loadAll(laptop)).slice(-8)));
    await measureAll(laptop, "… 2,000 posts on it", [...byHand(laptop), ...byStream(laptop, server)]);
    await laptop.context().close();
    const phone = await openDesk(browser, server, "bridge", { ...PHONE, prepare: watch });
    await phone.touchscreen.tap(...(await middleOf(phone, "#desk-tabs [data-tab=posts]")));
    await loadAll(phone);
    await measureAll(phone, "… 390 px wide", await onPhone(phone));
  } finally {
    await browser.close();
    await server.stop();
  }
};

/** @param hasGoal what waits for the server has none */
function row(what: string, times: number[], hasGoal = true): Row {
  const worst = Math.max(...times);
  const shown = (time: number) => (time <= LEAST ? `≤ ${LEAST} ms` : ms(time));
  const dateline = `${shown(percentile(times, 0.5))} / ${shown(worst)}`;
  return { what, dateline, ...(hasGoal ? { goal: `< ${GOAL} ms`, met: worst < GOAL } : {}) };
}

async function measure(page: Page, { prepare, act, isShown }: Interaction, times: number): Promise<number[]> {
  const took: number[] = [];
  // The first one fetches what is only fetched when it is needed.
  for (let n = -1; n < times; n++) {
    await prepare?.(n);
    const from = await page.evaluate(settled);
    if (isShown) await page.evaluate(`(${String(timeNextKey)})(${String(isShown)})`);
    await act(n);
    if (isShown) await page.waitForFunction(isShown);
    const time = await (isShown ? page.evaluate(() => window.took) : page.evaluate(longestSince, from));
    if (n >= 0) took.push(Math.max(time, LEAST));
  }
  return took;
}

/** Presses "Older posts" to the end. @returns milliseconds of each */
async function loadAll(page: Page): Promise<number[]> {
  const took: number[] = [];
  const isMore = () => page.evaluate(() => !document.getElementById("older-posts")!.hidden);
  while (await isMore()) {
    const before = await page.evaluate(() => document.querySelectorAll("#posts article").length);
    await page.evaluate(() => document.getElementById("older-posts")!.focus());
    const from = await page.evaluate(settled);
    await page.keyboard.press("Enter");
    await page.waitForFunction((before) => document.querySelectorAll("#posts article").length > before, before);
    took.push(Math.max(await page.evaluate(longestSince, from), LEAST));
  }
  return took;
}

function byHand(page: Page): Interaction[] {
  const focus = (n: number) => page.evaluate(focusPost, n);
  const press = (key: string) => () => page.keyboard.press(key);
  const write = () => page.locator(".composer-text").focus();
  return [
    { what: "a key in the composer", prepare: write, act: press("a") },
    { what: "a paragraph more in the composer", prepare: write, act: press("Enter") },
    {
      what: "publish by key, until it is on the desk",
      prepare: async () => {
        await write();
        await page.keyboard.type("The boats stay in.");
        await page.evaluate(() => (window.latest = document.querySelector("#posts article")!.id));
      },
      act: press("Control+Shift+Enter"),
      isShown: () => document.querySelector("#posts article")!.id !== window.latest,
    },
    { what: "j, at post 1,000", prepare: (n) => focus(1_000 + 5 * n), act: press("j") },
    { what: "k, at post 1,900", prepare: (n) => focus(1_900 - 5 * n), act: press("k") },
    { what: "x", prepare: (n) => focus(500 + n), act: press("x") },
    { what: "Page Down", prepare: (n) => focus(300 + 5 * n), act: press("PageDown") },
    { what: "End", prepare: () => focus(10), act: press("End") },
    {
      what: "open a post's menu",
      prepare: async (n) => {
        await focus(700 + n);
        await page.evaluate(() => document.activeElement!.querySelector("summary")!.focus());
      },
      act: press("Enter"),
    },
    {
      what: "e, until it is in the composer",
      prepare: (n) => focus(1_200 + n),
      act: press("e"),
      isShown: () => document.activeElement!.closest(".composer") !== null,
    },
  ];
}

function byStream(page: Page, server: Dateline): Interaction[] {
  const posts = "/api/blogs/bridge/posts";
  const here = (id: string, version: number) =>
    page.waitForFunction(([id, version]) => document.getElementById(`post-${id}`)?.dataset.version === `${version}`, [
      id,
      version,
    ] as const);
  /** One that is well down the page. */
  const idOf = (n: number) => page.evaluate((n) => document.querySelectorAll("#posts article")[n]!.id.slice(5), n);
  return [
    {
      what: "a colleague's new post",
      act: async (n) => {
        const { id, version } = await server.send<Made>("POST", posts, { body: storyText(n + 1, `New ${n}`) });
        await here(id, version);
      },
    },
    {
      what: "a colleague's edit of post 1,500",
      act: async (n) => {
        const path = `${posts}/${await idOf(1_500)}`;
        const { version } = await server.send<Made>("GET", path);
        const after = await server.send<Made>("PATCH", path, { body: storyText(n + 1, `Edited ${n}`) }, version);
        await here(after.id, after.version);
      },
    },
    {
      what: "a colleague's takedown of post 1,000",
      act: async () => {
        const id = await idOf(1_000);
        const { version } = await server.send<Made>("GET", `${posts}/${id}`);
        await server.send("DELETE", `${posts}/${id}`, { reason: "Wrong" }, version);
        await page.waitForFunction((id) => !document.getElementById(`post-${id}`), id);
      },
    },
  ];
}

interface Made {
  id: string;
  version: number;
}

async function onPhone(page: Page): Promise<Interaction[]> {
  // The bar stays where it is; to look for it only then would keep the page busy while it is measured.
  const at = (tab: string) => middleOf(page, `#desk-tabs [data-tab=${tab}]`);
  const places = { write: await at("write"), posts: await at("posts"), chat: await at("chat") };
  const tap = (tab: keyof typeof places) => page.touchscreen.tap(...places[tab]);
  return [
    { what: "to the posts", prepare: () => tap("write"), act: () => tap("posts") },
    { what: "from the posts to the chat", prepare: () => tap("posts"), act: () => tap("chat") },
    {
      what: "a key in the composer",
      prepare: async () => {
        await tap("write");
        await page.locator(".composer-text").focus();
      },
      act: () => page.keyboard.press("a"),
    },
  ];
}

async function middleOf(page: Page, selector: string): Promise<[x: number, y: number]> {
  const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
  return [x + width / 2, y + height / 2];
}

/* In the page */

declare global {
  interface Window {
    /** What the page did, each with when it began and how long it took, in milliseconds. */
    spells: { at: number; took: number; what: string }[];
    /** Milliseconds from a key until what it asked for was on the screen. */
    took: Promise<number>;
    /** The id of the post that was first. */
    latest: string;
  }
}

/** Inputs and long frames as the browser tells of them, and messages of the stream until the frame after. */
function watch(): void {
  window.spells = [];
  const note = (list: PerformanceObserverEntryList) => {
    for (const { startTime, duration, name } of list.getEntries())
      window.spells.push({ at: startTime, took: duration, what: name });
  };
  new PerformanceObserver(note).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  new PerformanceObserver(note).observe({ type: "long-animation-frame" });
  const message = ({ timeStamp: at }: Event) =>
    requestAnimationFrame(() =>
      setTimeout(() => window.spells.push({ at, took: performance.now() - at, what: "message" })),
    );
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", message);
    }
  };
}

/** @returns the moment, once what was under way has been shown */
async function settled(): Promise<number> {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 100))));
  return performance.now();
}

/** Milliseconds for which the page was busy at most, since then. */
async function longestSince(from: number): Promise<number> {
  // The browser tells of an event once it has shown the frame after it.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 100))));
  return Math.max(0, ...window.spells.filter(({ at }) => at >= from).map(({ took }) => took));
}

/** From the next key that is not only held, until the end of the first frame that has what it asked for. */
function timeNextKey(isShown: () => boolean): void {
  window.took = new Promise((resolve) => {
    const pressed = ({ key, timeStamp }: KeyboardEvent): void => {
      if (["Control", "Shift"].includes(key)) return;
      removeEventListener("keydown", pressed, { capture: true });
      const look = (): unknown =>
        isShown() ? setTimeout(() => resolve(performance.now() - timeStamp)) : requestAnimationFrame(look);
      requestAnimationFrame(look);
    };
    addEventListener("keydown", pressed, { capture: true });
  });
}

function focusPost(n: number): void {
  const post = document.querySelectorAll<HTMLElement>("#posts article")[n]!;
  post.scrollIntoView({ block: "center", behavior: "instant" });
  post.focus({ preventScroll: true });
}
