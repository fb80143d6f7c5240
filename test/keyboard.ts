/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Locator, Page } from "playwright-core";

/*
 * What a page is used with by keyboard alone. The focus gets to a control with Tab and Shift+Tab and by no other way, so
 * whatever is out of their order, covered by a dialog, inert or disabled fails here.
 */

/** More presses of Tab than anybody would make; from far away a key or a skip link leads nearer first. */
const FAR = 90;

/** Walks until the control has the focus. */
export async function reach(control: Locator): Promise<void> {
  await control.waitFor();
  const page = control.page();
  const { keyboard } = page;
  await keptFocus(page);
  for (let left = FAR; left > 0;) {
    const away = await control.evaluate(stepsAway);
    if (away === 0) return;
    // It was drawn anew in this moment.
    if (away === null) {
      left--;
      continue;
    }
    const steps = Math.min(Math.abs(away), left);
    left -= steps;
    for (let n = 0; n < steps; n++) await keyboard.press(away > 0 ? "Tab" : "Shift+Tab");
  }
  throw new Error(`Tab does not lead to ${String(control)}. It led to ${await page.evaluate(focused)}`);
}

/** A button, a link, a summary; whatever a key is for. */
export async function press(control: Locator, key = "Enter"): Promise<void> {
  await reach(control);
  await control.page().keyboard.press(key);
}

/** A checkbox with the space bar, and a radio button with the arrows of its group. */
export async function check(box: Locator): Promise<void> {
  if (await box.isChecked()) return;
  const { keyboard } = box.page();
  const group = box.and(box.page().locator("[type=radio]"));
  if (await group.count()) {
    await reach(box.locator("xpath=ancestor::fieldset[1]").locator(":checked"));
    for (let left = 10; left > 0 && !(await box.isChecked()); left--) await keyboard.press("ArrowDown");
  } else await press(box, "Space");
  if (!(await box.isChecked())) throw new Error(`${String(box)} could not be ticked`);
}

/** An option of a select, by its value. */
export async function choose(select: Locator, value: string): Promise<void> {
  await reach(select);
  const steps = await select.evaluate((element, value) => {
    const { options, selectedIndex } = element as HTMLSelectElement;
    return [...options].findIndex((option) => option.value === value) - selectedIndex;
  }, value);
  for (let n = 0; n < Math.abs(steps); n++) await select.page().keyboard.press(steps > 0 ? "ArrowDown" : "ArrowUp");
  if ((await select.inputValue()) !== value) throw new Error(`${String(select)} says ${await select.inputValue()}`);
}

/** In place of what a field says. */
export async function write(field: Locator, words: string): Promise<void> {
  await reach(field);
  const { keyboard } = field.page();
  await keyboard.press("Control+a");
  await keyboard.press("Delete");
  await say(field.page(), words);
}

/**
 * Into whatever has the focus: the first letter with its key, which might be taken for a command, and the rest in one
 * go, since every key is work for the whole page. What is done on certain letters needs their keys: keyboard.type().
 */
export async function say({ keyboard }: Page, words: string): Promise<void> {
  await keyboard.type(words.slice(0, 1));
  await keyboard.insertText(words.slice(1));
}

/** A day, a time, or both, as the field's value has it; the parts stand in the order of en-US. */
export async function writeTime(field: Locator, value: string): Promise<void> {
  await reach(field);
  const { keyboard } = field.page();
  const [day, time] = value.includes("-") ? [value.slice(0, 10), value.slice(11)] : ["", value];
  const [year, month, date] = day.split("-");
  const [hours, minutes, seconds] = time.split(":");
  const half = Number(hours) < 12 ? "A" : "P";
  const hour = String(Number(hours) % 12 || 12).padStart(2, "0");
  // Its parts and the button of its calendar are stops of their own: to the first of them.
  while (await field.evaluate((element) => element === document.activeElement)) await keyboard.press("Shift+Tab");
  await keyboard.press("Tab");
  // A year may have more than four digits, so it ends where one says so.
  if (day) await keyboard.type(`${month}${date}${year}`);
  if (day && time) await keyboard.press("ArrowRight");
  if (time) await keyboard.type(`${hour}${minutes}${seconds}${half}`);
  if ((await field.inputValue()) !== value) throw new Error(`${String(field)} says ${await field.inputValue()}`);
}

/** Walks through the posts of a list with its keys, until one has the focus, or a part of it. */
export async function reachPost(post: Locator): Promise<void> {
  await post.waitFor();
  const page = post.page();
  const { keyboard } = page;
  await keptFocus(page);
  for (let left = FAR; left > 0; left--) {
    const key = await post.evaluate((post) => {
      const here = document.activeElement?.closest(".desk-post");
      if (here === post) return null;
      if (!here) return "j";
      return here.compareDocumentPosition(post) & Node.DOCUMENT_POSITION_FOLLOWING ? "j" : "k";
    });
    if (key === null) return;
    await keyboard.press(key);
  }
  throw new Error(`The keys do not lead to ${String(post)}. They led to ${await page.evaluate(focused)}`);
}

/**
 * Whoever has pressed something goes on from there, or from what came of it: the focus does not fall back to the page
 * when what had it is gone. Only Escape gives it up, and a page that was just loaded has none yet.
 */
async function keptFocus(page: Page): Promise<void> {
  const isKept = await page
    .waitForFunction(
      () => {
        const walk = (window as { walk?: { last: string } }).walk;
        if (walk) return document.activeElement !== document.body || walk.last === "Escape";
        const begun = ((window as { walk?: { last: string } }).walk = { last: "" });
        addEventListener("keydown", ({ key }) => (begun.last = key), { capture: true });
        return true;
      },
      null,
      { timeout: 5_000 },
    )
    .catch(() => null);
  if (!isKept) throw new Error("The focus was lost: it is on the page, and on nothing in it");
}

/** What has the focus, for the message of a test that failed. */
function focused(): string {
  const { activeElement } = document;
  return activeElement ? (activeElement.cloneNode() as Element).outerHTML : "nothing";
}

/**
 * How many stops of Tab away something is: 0 where it has the focus, negative for Shift+Tab, null where it is gone. Only about, since fields
 * for dates have stops of their own, and what gets the focus may open something.
 */
function stepsAway(target: Element): number | null {
  if (!target.isConnected) return null;
  const current = document.activeElement;
  if (current === target) return 0;
  const within = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document;
  const stops = [...within.querySelectorAll<HTMLElement>("*")].filter(isStop);
  const to = stops.indexOf(target as HTMLElement);
  if (to < 0) throw new Error(`Tab stops at nothing like ${(target.cloneNode() as Element).outerHTML}`);
  const from = stops.indexOf(current as HTMLElement);
  if (from >= 0) return to - from;
  // What has the focus is no stop itself: a heading, a post, or the page.
  const isBefore = (stop: HTMLElement): boolean =>
    Boolean(current!.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_PRECEDING);
  if (!current || current === document.body) return 1;
  const before = stops.filter(isBefore).length;
  return to < before ? to - before : to - before + 1;

  function isStop(element: HTMLElement): boolean {
    if (element.tabIndex < 0 || element.matches(":disabled") || element.closest("[inert]")) return false;
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    if (!(element instanceof HTMLInputElement) || element.type !== "radio" || element.checked) return true;
    const group = document.querySelectorAll<HTMLInputElement>(`input[type=radio][name="${element.name}"]`);
    return ![...group].some((other) => other.form === element.form && other.checked);
  }
}
