import { call } from "./api.ts";
import { isOnServer, missingFrom, requestOf, type Fields } from "./composition.ts";
import { part } from "./elements.ts";

/** Milliseconds of no change before the server draws it again. */
const PAUSE = 350;

/** The post as the reader's own partial shows it, drawn by the server while it is looked at. */
export class PreviewPane {
  readonly #pane: HTMLElement;
  readonly #button: HTMLElement;
  readonly #path: string;
  #timer = 0;
  #asking: AbortController | null = null;
  #drawn = "";

  constructor(form: HTMLElement, blog: string, fields: () => Fields) {
    this.#pane = part(form, "[data-composer=preview]");
    this.#button = part(form, "[data-composer=preview-button]");
    this.#path = `/api/blogs/${blog}/preview`;
    this.#button.addEventListener("click", () => {
      this.#pane.hidden = !this.#pane.hidden;
      this.#button.setAttribute("aria-pressed", String(!this.#pane.hidden));
      form.classList.toggle("has-preview", !this.#pane.hidden);
      if (this.#pane.hidden) this.#cancel();
      else void this.#draw(fields());
    });
  }

  changed(fields: Fields): void {
    if (this.#pane.hidden) return;
    this.#cancel();
    this.#timer = setTimeout(() => void this.#draw(fields), PAUSE);
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  async #draw(fields: Fields): Promise<void> {
    const missing = missingFrom(fields);
    if (missing) return this.#show("", missing.text);
    // Nothing of it is for readers.
    const { note: _note, ...body } = requestOf({ ...fields, embeds: fields.embeds.filter(isOnServer) });
    const bytes = JSON.stringify(body);
    if (bytes === this.#drawn) return;
    const asking = (this.#asking = new AbortController());
    const answer = await call<{ html: string }>("POST", this.#path, { body: bytes, signal: asking.signal });
    if (asking.signal.aborted) return;
    switch (answer.kind) {
      case "done":
        this.#show(answer.body.html, "");
        this.#drawn = bytes;
        return;
      case "refused":
        return this.#show("", "It cannot be shown as it is.");
      case "signed-out":
        return this.#say("Your session has ended; sign in again to see the preview.");
      case "unreached":
        return this.#say("No connection: the preview waits.");
    }
  }

  #show(html: string, words: string): void {
    this.#drawn = "";
    // The server's own rendering of what it has reduced, and the page's policy runs no script from it.
    part(this.#pane, ".composer-preview-post").innerHTML = html;
    this.#say(words);
  }

  #say(words: string): void {
    part(this.#pane, "[role=status]").textContent = words;
  }
}
