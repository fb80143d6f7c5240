import { call } from "./api.ts";
import { showCount } from "./counts.ts";
import { el } from "./elements.ts";
import { postActions } from "./post-actions.ts";
import { failureOf, tell } from "./tell.ts";

/** What was published and is not confirmed: how many, and the way to say that it now is. */
export function openClaims(desk: HTMLElement): void {
  const { verify } = postActions(desk);
  desk.addEventListener("dateline:applied", count);
  desk.addEventListener("click", ({ target }) => {
    const pressed = (target as HTMLElement).closest<HTMLElement>("[data-resolve]");
    if (pressed) void resolve(pressed);
  });
  count();

  function count(): void {
    showCount("claims", Number(document.getElementById("desk-claims")!.dataset.count), "to be confirmed");
  }

  /** Its post may be older than all that the page shows. */
  async function resolve({ dataset }: HTMLElement): Promise<void> {
    const id = dataset.resolve!;
    const path = `/api/blogs/${desk.dataset.blog}/posts/${id}`;
    const answer = await call<{ version: number }>("GET", path);
    if (answer.kind !== "done") return tell(failureOf(answer));
    // What one comes here to say is offered first.
    const article = el("article", { "data-verification": "verified" });
    await verify!({ id, path, article, version: answer.body.version, title: dataset.title! });
  }
}
