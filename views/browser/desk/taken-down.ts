import type { Change } from "../../../server/realtime/protocol.ts";
import { connectionNotice } from "../connection-notice.ts";
import { follow } from "../following.ts";
import { become } from "../morph.ts";
import { tickTimes } from "../relative-times.ts";
import { call } from "./api.ts";
import { later } from "./later.ts";
import { listKeys } from "./list-keys.ts";
import { allow } from "./rights.ts";
import { failureOf, tell } from "./tell.ts";

/** Milliseconds in which takedowns are read as one. */
const TOGETHER = 200;
/** Milliseconds until a reading fails, and from then until it is tried again. */
const ANSWER_WITHIN = 10_000;
const AGAIN = 3_000;

/** The list of what was taken down, as the server shows it now: it follows the desk, and restores. */
export function openTakenDown(page: HTMLElement): void {
  const { blog } = page.dataset;
  const list = document.getElementById("taken-down")!;
  /** The timer of the next reading. */
  let reading = 0;
  /** Numbers of readings: of the latest that was begun, and of the one that is shown. */
  let begun = 0;
  let shown = 0;
  const notice = connectionNotice(document.getElementById("connection")!);
  const state = { connected: false, upToDate: true };

  page.addEventListener("click", ({ target }) => {
    const pressed = (target as HTMLElement).closest<HTMLElement>(".desk-post [data-action]");
    const article = pressed?.closest<HTMLElement>("article");
    if (!pressed || !article) return;
    const path = `/api/blogs/${blog}/posts/${article.id.replace("post-", "")}`;
    if (pressed.dataset.action === "restore") void restore(article, path);
    else void showHistory(article, path);
  });
  listKeys(page, null);
  allowAll();
  follow(
    page,
    { stream: `desk:${blog}`, updates: `/desk/blogs/${blog}/updates` },
    { apply, refresh, connected: (connected) => say({ connected }) },
  );

  /** What went, and what came back that stands here. */
  function apply(changes: Change[]): void {
    const isOurs = ({ target, html, place }: Change): boolean =>
      place !== undefined && (html === null || document.getElementById(target) !== null);
    if (!changes.some(isOurs)) return;
    catchUpIn(TOGETHER);
  }

  /** The stream tells of it once: what may have to go from the page is asked for until there is an answer. */
  function catchUpIn(wait: number): void {
    clearTimeout(reading);
    reading = setTimeout(() => void catchUp(), wait);
  }

  async function catchUp(): Promise<void> {
    const mine = begun + 1;
    try {
      await read();
    } catch {
      if (mine < begun) return;
      say({ upToDate: false });
      catchUpIn(AGAIN);
    }
  }

  function say(change: Partial<typeof state>): void {
    Object.assign(state, change);
    notice(state.connected && state.upToDate);
  }

  async function restore(article: HTMLElement, path: string): Promise<void> {
    const version = Number(article.dataset.version);
    const answer = await call("PATCH", path, { version, body: { status: "draft" } });
    if (answer.kind === "done")
      tell("Restored as a draft.", {
        label: "Go to it",
        act: () => location.assign(`/desk/blogs/${blog}#${article.id}`),
      });
    else tell(failureOf(answer));
    await catchUp();
  }

  function showHistory(article: HTMLElement, path: string): Promise<void> {
    const { title, version } = article.dataset;
    return later(
      () => import("./history.ts"),
      ({ showHistory }) => showHistory({ article, title: title!, version: Number(version) }, path),
    );
  }

  async function refresh(): Promise<void> {
    const { epoch, version } = (await read()).dataset;
    page.dataset.epoch = epoch!;
    page.dataset.version = version!;
  }

  /** Shows the list as it is now, unless what was asked for later is shown already. @returns the page as it was read */
  async function read(): Promise<HTMLElement> {
    const mine = ++begun;
    const response = await fetch(location.href, {
      headers: { Accept: "text/html" },
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    if (!response.ok || response.redirected) throw new Error(`The page answered ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (mine > shown) {
      shown = mine;
      show(fresh.getElementById("taken-down")!);
      say({ upToDate: true });
    }
    return fresh.querySelector<HTMLElement>(".taken-down")!;
  }

  /** Whoever had their focus in a post that is gone goes on from its neighbour. */
  function show(fresh: HTMLElement): void {
    const item = document.activeElement?.closest("#taken-down li");
    const neighbours = [item?.nextElementSibling, item?.previousElementSibling].map(
      (one) => one?.firstElementChild?.id,
    );
    const mine = item?.firstElementChild?.id;
    become(list, fresh);
    if (mine && !document.getElementById(mine))
      neighbours
        .map((id) => (id ? document.getElementById(id) : null))
        .concat(document.getElementById("taken-down-title"))
        .find((one) => one !== null)!
        .focus();
    allowAll();
    tickTimes();
  }

  function allowAll(): void {
    for (const article of list.querySelectorAll<HTMLElement>(".desk-post")) allow(article, page.dataset);
  }
}
