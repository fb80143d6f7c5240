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

/** The list of what was taken down, as the server shows it now: it follows the desk, and restores. */
export function openTakenDown(page: HTMLElement): void {
  const { blog } = page.dataset;
  const list = document.getElementById("taken-down")!;
  let reading = 0;

  page.addEventListener("click", ({ target }) => {
    const pressed = (target as HTMLElement).closest<HTMLElement>(".desk-post [data-action]");
    const article = pressed?.closest<HTMLElement>("article");
    if (!pressed || !article) return;
    const path = `/api/blogs/${blog}/posts/${article.id.replace("post-", "")}`;
    if (pressed.dataset.action === "restore") void restore(article, path);
    else void showHistory(article, path);
  });
  listKeys(page, () => {});
  allowAll();
  follow(
    page,
    { stream: `desk:${blog}`, updates: `/desk/blogs/${blog}/updates` },
    { apply, refresh, connected: connectionNotice(document.getElementById("connection")!) },
  );

  /** What went, and what came back that stands here. */
  function apply(changes: Change[]): void {
    const isOurs = ({ target, html, place }: Change): boolean =>
      place !== undefined && (html === null || document.getElementById(target) !== null);
    if (!changes.some(isOurs)) return;
    clearTimeout(reading);
    reading = setTimeout(() => void read().catch(() => {}), TOGETHER);
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
    await read().catch(() => {});
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

  /** Whoever had their focus in a post that is gone goes on from its neighbour. */
  async function read(): Promise<HTMLElement> {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) throw new Error(`The page answered ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const item = document.activeElement?.closest("#taken-down li");
    const neighbours = [item?.nextElementSibling, item?.previousElementSibling].map(
      (one) => one?.firstElementChild?.id,
    );
    const mine = item?.firstElementChild?.id;
    become(list, fresh.getElementById("taken-down")!);
    if (mine && !document.getElementById(mine))
      neighbours
        .map((id) => (id ? document.getElementById(id) : null))
        .concat(document.getElementById("taken-down-title"))
        .find((one) => one !== null)!
        .focus();
    allowAll();
    tickTimes();
    return fresh.querySelector<HTMLElement>(".taken-down")!;
  }

  function allowAll(): void {
    for (const article of list.querySelectorAll<HTMLElement>(".desk-post")) allow(article, page.dataset);
  }
}
