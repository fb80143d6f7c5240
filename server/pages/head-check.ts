/** Milliseconds between the starts of two questions about one blog, however many readers ask. */
const AT_MOST_EVERY = 4;

/**
 * Answers "what is the newest version?" truthfully for everybody with few questions to the database: a question that
 * began after somebody asked is an answer for them, so all who ask while one is under way share the next. That is what
 * keeps a removed post from being served by another server's memory, even in the moment before its notification.
 */
export class HeadCheck<T> {
  readonly #ask: (key: string) => Promise<T>;
  readonly #lines = new Map<string, { current: Promise<T>; next: Promise<T> | null; began: number }>();

  constructor(ask: (key: string) => Promise<T>) {
    this.#ask = ask;
  }

  get(key: string): Promise<T> {
    const line = this.#lines.get(key);
    if (!line) return this.#begin(key);
    line.next ??= this.#after(key, line.current, line.began);
    return line.next;
  }

  #begin(key: string): Promise<T> {
    const line = { current: this.#ask(key), next: null as Promise<T> | null, began: performance.now() };
    this.#lines.set(key, line);
    const done = () => {
      if (this.#lines.get(key) === line && !line.next) this.#lines.delete(key);
    };
    line.current.then(done, done);
    return line.current;
  }

  async #after(key: string, current: Promise<T>, began: number): Promise<T> {
    await current.catch(() => {});
    const wait = AT_MOST_EVERY - (performance.now() - began);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    return this.#begin(key);
  }
}
