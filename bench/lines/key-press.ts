/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { JSHandle, Page } from "playwright-core";
import { hasChromium, launchChromium } from "../../test/chromium.ts";
import { audience, datelineTarget, ms, percentile, type Line } from "../bench.ts";
import { NO_CHROMIUM, openDesk, openPage } from "../pages.ts";

/** When each thing happened to one post, in milliseconds since 1970: both pages are on one machine's clock. */
interface Moments {
  pressed: number;
  /** The desk's request leaves: until then the post is put on the device. */
  left: number;
  answered: number;
  /** A reader's screen shows it. */
  painted: number;
}

/** From the reporter's key press to a reader's screen, both in a real browser, while many others read as well. */
export const keyPress: Line = async ({ readers, port, quick }, add) => {
  if (!hasChromium()) return console.log(NO_CHROMIUM);
  const n = Math.min(5_000, Math.max(...readers));
  const target = await datelineTarget(port);
  await target.server.fill("bridge", 100);
  const browser = await launchChromium();
  const leave = await audience(target, n);
  const moments: Moments[] = [];
  try {
    const desk = await openDesk(browser, target.server, "bridge", { prepare: notePresses });
    const reader = await openPage(browser, target.server);
    await reader.goto("/blogs/bridge");
    await reader.waitForFunction(() => document.getElementById("connection")?.hidden);
    // The first two are for the scripts to become warm.
    for (let post = -2; post < (quick ? 5 : 20); post++) {
      const one = await publish(desk, reader, `Word ${post} from the harbour: `);
      if (post >= 0) moments.push(one);
    }
  } finally {
    await browser.close();
    await leave().finally(() => target.stop());
  }
  const took = (until: Exclude<keyof Moments, "pressed">) => {
    const times = moments.map((one) => one[until] - one.pressed);
    return `${ms(percentile(times, 0.5))} / ${ms(percentile(times, 0.99))}`;
  };
  add({ what: `key press → a reader's screen, ${n} readers: p50 / p99`, dateline: took("painted") });
  add({ what: "… key press → the request leaves", dateline: took("left") });
  add({ what: "… key press → the newsroom's answer", dateline: took("answered") });
};

/** Types one post and publishes it at once. */
async function publish(desk: Page, reader: Page, words: string): Promise<Moments> {
  await desk.locator(".composer-text").click();
  await desk.keyboard.type(`${words}the boats stay in until the wind has turned, says the master.`);
  const painted = await reader.evaluateHandle(paintedWith, words);
  await desk.keyboard.press("Control+Shift+Enter");
  const at = await (painted as JSHandle<{ at: Promise<number> }>).evaluate(({ at }) => at);
  await desk.locator("#posts").getByText(words).waitFor();
  return { ...(await desk.evaluate(sent)), painted: at };
}

declare global {
  interface Window {
    pressedAt: number;
  }
}

function notePresses(): void {
  const note = ({ key, ctrlKey, timeStamp }: KeyboardEvent) => {
    if (key === "Enter" && ctrlKey) window.pressedAt = performance.timeOrigin + timeStamp;
  };
  addEventListener("keydown", note, { capture: true });
}

/** @returns a promise in an object, so that it is only awaited once the key was pressed */
function paintedWith(words: string): { at: Promise<number> } {
  const list = document.getElementById("posts")!;
  const isThere = () => [...list.querySelectorAll("li:not([hidden])")].some((li) => li.textContent.includes(words));
  const at = new Promise<number>((resolve) => {
    const observer = new MutationObserver(() => {
      if (!isThere()) return;
      observer.disconnect();
      // The second frame begins when the first has been shown.
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now())));
    });
    observer.observe(list, { subtree: true, childList: true, attributes: true });
  });
  return { at };
}

/** The latest post's request. */
function sent(): Omit<Moments, "painted"> {
  const requests = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const { startTime, responseEnd } = requests.findLast(({ name }) => new URL(name).pathname.endsWith("/posts"))!;
  const { timeOrigin } = performance;
  return { pressed: window.pressedAt, left: timeOrigin + startTime, answered: timeOrigin + responseEnd };
}
