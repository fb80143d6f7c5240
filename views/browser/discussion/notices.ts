import { call } from "../desk/api.ts";
import type { LiveSocket } from "../following.ts";
import { say } from "../words.ts";

interface Notice {
  kind: "reply" | "approved" | "rejected" | "promoted" | "restriction";
  at: string;
  isNew: boolean;
  title: string;
  why: string | null;
  comment: { id: string } | null;
}

export interface Notices {
  /** Asks for them now. */
  load(): Promise<void>;
  /** Why a comment was rejected, in words. */
  reasonOf(commentId: string): string | null;
}

/**
 * Keeps the number of new notices in the masthead.
 * @param socket without one, they are asked for once
 * @param heard something happened, and here is what is to be told of it
 */
export function followNotices(
  socket: LiveSocket | null,
  link: HTMLElement,
  heard: (titles: string[]) => void,
): Notices {
  let notices: Notice[] = [];
  /** The newest that was told of; what there was when the page was opened is only counted. */
  let told: string | null = null;

  const follow = (): void => void socket?.emit("follow", { stream: "notices", epoch: "", version: 0 }, () => {});
  socket?.on("connect", () => {
    follow();
    void load();
  });
  socket?.on("head", ({ stream }) => {
    if (stream === "notices") void load();
  });
  if (socket?.connected) follow();
  return {
    load,
    reasonOf: (commentId) =>
      notices.find(({ kind, comment }) => kind === "rejected" && comment?.id === commentId)?.why ?? null,
  };

  async function load(): Promise<void> {
    const answer = await call<{ notices: Notice[] }>("GET", "/api/notices");
    if (answer.kind !== "done") return;
    ({ notices } = answer.body);
    const unseen = notices.filter(({ isNew }) => isNew);
    link.textContent = unseen.length ? say("talk.new-notices", { count: unseen.length }) : say("talk.notices");
    link.classList.toggle("has-new", unseen.length > 0);
    const since = told;
    told = notices[0]?.at ?? "";
    heard(since === null ? [] : unseen.filter(({ at }) => at > since).map(({ title }) => title));
  }
}
