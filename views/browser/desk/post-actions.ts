import { call } from "./api.ts";
import { ask } from "./ask.ts";
import type { Mark } from "./composition.ts";
import { later } from "./later.ts";
import { failureOf, tell } from "./tell.ts";
import { instantsOf, wallClock } from "./zone-time.ts";

/** A post as the page shows it now. */
export interface ShownPost {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly path: string;
  readonly article: HTMLElement;
}

type PostAnswer = { id: string; version: number; note?: string | null; publishedAt: string | null };
type Act = (post: ShownPost) => void | Promise<void>;

const MARKED: Record<Mark, string> = { "key-event": "a key event", summary: "a summary", pin: "pinned" };

/** What the buttons of a post do; their names are the buttons' data-action. */
export function postActions(desk: HTMLElement): Record<string, Act> {
  const api = `/api/blogs/${desk.dataset.blog}/posts`;
  const timeZone = (): string => document.getElementById("desk-header")!.dataset.timeZone!;

  return {
    edit: async ({ path }) => {
      const answer = await call<PostAnswer>("GET", path);
      if (answer.kind === "done")
        desk.dispatchEvent(new CustomEvent("dateline:edit-post", { detail: answer.body, bubbles: true }));
      else tell(failureOf(answer));
    },
    publish: (post) => move(post, { status: "published" }, "Published."),
    submit: (post) => move(post, { status: "submitted" }, "Handed in for approval."),
    draft: (post) => move(post, { status: "draft" }, "A draft again."),
    share: (post) => move(post, { shared: true }, "The desk sees this draft now."),
    "key-event": (post) => toggle(post, "key-event"),
    summary: (post) => toggle(post, "summary"),
    pin: (post) => toggle(post, "pin"),
    "copy-link": async ({ id }) => {
      const { href } = new URL(`/blogs/${desk.dataset.blog}/posts/${id}`, location.href);
      try {
        await navigator.clipboard.writeText(href);
        tell("The link is copied.");
      } catch {
        // Over plain http there is no clipboard, and a browser may say no.
        const fields = [{ name: "link", label: "Link", kind: "text" as const, value: href }];
        ask({ title: "Copy the link from here", fields, go: "Done" }, async () => null);
        document.querySelector<HTMLInputElement>("#ask-link")?.select();
      }
    },
    history: (post) =>
      later(
        () => import("./history.ts"),
        ({ showHistory }) => showHistory(post, `${api}/${post.id}`),
      ),
    note: async ({ path }) => {
      const answer = await call<PostAnswer>("GET", path);
      tell(answer.kind === "done" ? `Note: ${answer.body.note ?? "there is none any more."}` : failureOf(answer));
    },
    "send-back": (post) =>
      ask(
        {
          title: "Send it back",
          text: `“${post.title}” becomes a draft of its author again.`,
          fields: [{ name: "note", label: "What is missing", kind: "long", most: 1_000, required: true }],
          go: "Send back",
        },
        ({ note }) => change(post, { status: "draft", note: note! }, "Sent back."),
      ),
    correct: (post) =>
      ask(
        {
          title: "Correct it",
          text: "Readers see this notice below the post, with the time. Change the words themselves with Edit.",
          fields: [
            { name: "text", label: "What was wrong, and what is right", kind: "long", most: 1_000, required: true },
          ],
          go: "Show the correction",
        },
        ({ text }) => change(post, { correction: { text } }, "The correction is shown."),
      ),
    verify: (post) =>
      ask(
        {
          title: "What is known",
          text: `“${post.title}”`,
          fields: [
            {
              name: "verification",
              label: "State",
              kind: "choice",
              value: post.article.dataset.verification ?? "",
              choices: [
                ["", "Nothing is said about it"],
                ["unverified", "Unverified"],
                ["partly-verified", "Partly verified"],
                ["verified", "Verified"],
                ["disputed", "Disputed"],
              ],
            },
            {
              name: "note",
              label: "In a sentence, for readers",
              kind: "text",
              most: 500,
              hint: "An unverified post says without it that the newsroom has not been able to verify this.",
            },
          ],
          go: "Say so",
        },
        ({ verification, note }) =>
          change(
            post,
            { verification: verification || null, verificationNote: (verification && note) || null },
            "Readers are told.",
          ),
      ),
    "set-time": (post) => askTime(post),
    unpublish: (post) =>
      ask(
        {
          title: "Take it back to a draft",
          text: `“${post.title}” disappears from every page at once. Published again, it takes a new place at the top.`,
          fields: [],
          go: "Take back",
        },
        () => change(post, { status: "draft" }, "A draft again; readers no longer see it."),
      ),
    remove: (post) => askRemoval(post),
  };

  async function move(post: ShownPost, body: object, done: string): Promise<void> {
    const failure = await change(post, body, done);
    if (failure) tell(failure);
  }

  async function change({ path, version }: ShownPost, body: object, done: string): Promise<string | null> {
    const answer = await call<PostAnswer>("PATCH", path, { version, body });
    if (answer.kind !== "done") return failureOf(answer);
    tell(done);
    return null;
  }

  async function toggle({ path, article }: ShownPost, mark: Mark): Promise<void> {
    const isOn = article.querySelector(`[data-action="${mark}"]`)?.getAttribute("aria-pressed") === "true";
    const answer = await call<PostAnswer>(isOn ? "DELETE" : "PUT", `${path}/${mark}`);
    if (answer.kind !== "done") return tell(failureOf(answer));
    tell(`${isOn ? "No longer" : "Now"} ${MARKED[mark]}.`);
  }

  function askRemoval(post: ShownPost): void {
    const mayErase = (desk.dataset.rights ?? "").split(" ").includes("erase");
    ask(
      {
        title: post.article.dataset.status === "published" ? "Take it down" : "Delete it",
        text: `“${post.title}” disappears everywhere at once.`,
        fields: [
          {
            name: "reason",
            label: "Why",
            kind: "text",
            most: 500,
            required: true,
            hint: "Kept in the log; do not repeat what must not be said.",
          },
          ...(mayErase
            ? ([
                { name: "legal", label: "Legal takedown: erase its words and history for good", kind: "check" },
              ] as const)
            : []),
        ],
        go: "Take down",
      },
      async ({ reason, legal }) => {
        const body = { reason, ...(legal ? { legal: true } : {}) };
        const answer = await call<PostAnswer>("DELETE", post.path, { version: post.version, body });
        if (answer.kind !== "done") return failureOf(answer);
        const removed = { ...post, version: answer.body.version };
        if (legal) tell("Taken down and erased.");
        else
          tell("Taken down.", {
            label: "Restore it as a draft",
            key: "u",
            act: () => void move(removed, { status: "draft" }, "Restored as a draft."),
          });
        return null;
      },
    );
  }

  /** On the newsroom's clocks; where they are put back, the earlier of the two moments of that name. */
  function askTime(post: ShownPost): void {
    const zone = timeZone();
    const shown = post.article.querySelector<HTMLTimeElement>(".desk-post-state time")!;
    const { date, time } = wallClock(new Date(shown.dateTime), zone);
    ask(
      {
        title: "Give it another time",
        text: "The post moves to its place among the others. The log keeps both times.",
        fields: [
          {
            name: "at",
            label: `Published at (${zone.replaceAll("_", " ")})`,
            kind: "time",
            value: `${date}T${time}`,
            required: true,
          },
        ],
        go: "Set the time",
      },
      async ({ at }) => {
        const [instant] = instantsOf(at!, zone);
        if (!instant) return "There is no such time on that day.";
        return change(post, { publishedAt: instant.toISOString() }, "Moved to its time.");
      },
    );
  }
}
