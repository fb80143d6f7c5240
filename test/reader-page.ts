import type { Batch, Change, FollowAnswer } from "../server/realtime/protocol.ts";
import type { TestApp } from "./app.ts";
import type { App } from "../server/app.ts";

const PARTS = ["blog-header", "what-we-know", "pinned", "key-events", "last-updated"];

type Step = Pick<Batch, "from" | "to" | "changes">;

/** An open page as the protocol sees it: elements by id, the order of the posts, and the version seen. */
export class ReaderPage {
  version = 0;
  epoch = "";
  /** The place of the page's last post where older pages follow; "" on a page that holds all there is. */
  end = "";
  readonly parts = new Map<string, string>();
  readonly posts = new Map<string, { html: string; place: string }>();

  static async load(test: TestApp, slug: string, app: App = test.app): Promise<ReaderPage> {
    const page = new ReaderPage();
    page.read((await test.request(app).get(`/blogs/${slug}`).expect(200)).text);
    return page;
  }

  /** Takes over a page of HTML, as a fresh load or a resync does. */
  read(html: string): void {
    const list = element(html, "posts");
    this.version = Number(attribute(list, "data-version"));
    this.epoch = attribute(list, "data-epoch");
    this.end = attribute(list, "data-end");
    this.posts.clear();
    for (const { id, html: post, place } of articles(list)) this.posts.set(id, { html: post, place });
    for (const part of PARTS) this.parts.set(part, element(html, part));
  }

  /** @returns false for a batch that does not follow on what was seen: the page has to follow again */
  receive(step: Step): boolean {
    if (step.from > this.version) return false;
    if (step.to <= this.version) return true;
    step.changes.forEach((change) => this.#apply(change));
    this.version = step.to;
    return true;
  }

  answered(answer: FollowAnswer): void {
    if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer.problem)}`);
    if (!this.receive(answer)) throw new Error("an answer that does not follow on what was asked");
  }

  /** The posts in the order of the page. */
  list(): string[] {
    const order = [...this.posts.values()].sort((a, b) => compare(b.place, a.place));
    return order.map(({ html }) => html);
  }

  /** Whether a post of that place is on this page, and not on an older one. */
  reaches(place: string): boolean {
    return this.end === "" || compare(place, this.end) >= 0;
  }

  #apply({ target, html, place }: Change): void {
    if (PARTS.includes(target)) this.parts.set(target, html!);
    else if (html === null || !this.reaches(place!)) this.posts.delete(target);
    else this.posts.set(target, { html, place: place! });
  }
}

/** Every post that the blog's pages show, newest first, by walking from page to page as a reader without scripts does. */
export async function everyPost(test: TestApp, slug: string, app: App = test.app): Promise<string[]> {
  const posts: string[] = [];
  let address: string | undefined = `/blogs/${slug}`;
  while (address) {
    const { text }: { text: string } = await test.request(app).get(address).expect(200);
    posts.push(...articles(element(text, "posts")).map(({ html }) => html));
    const link: string | undefined = /<a [^>]*href="([^"]*)"[^>]* rel="next"/.exec(text)?.[1];
    address = link?.replaceAll("&#x3D;", "=").replace(/#.*/, "");
  }
  return posts;
}

/** Compares two places, `<milliseconds>-<id>`. */
function compare(one: string, other: string): number {
  const [timeA, idA] = one.split("-").map(Number) as [number, number];
  const [timeB, idB] = other.split("-").map(Number) as [number, number];
  return timeA - timeB || idA - idB;
}

function articles(html: string): { id: string; html: string; place: string }[] {
  return [...html.matchAll(/<article id="(post-\d+)"/g)].map(([, id]) => {
    const article = element(html, id!);
    return { id: id!, html: article, place: attribute(article, "data-place") };
  });
}

/** The outer HTML of the element with this id, by counting its tag's openings and closings. */
export function element(html: string, id: string): string {
  const opening = new RegExp(`<([a-z0-9]+)[^>]* id="${id}"[^>]*>`).exec(html);
  if (!opening) throw new Error(`no element with the id ${id}`);
  const tags = new RegExp(`<(/?)${opening[1]}[ >]`, "g");
  tags.lastIndex = opening.index;
  let depth = 0;
  for (let tag = tags.exec(html); tag; tag = tags.exec(html)) {
    depth += tag[1] ? -1 : 1;
    if (depth === 0) return html.slice(opening.index, tags.lastIndex);
  }
  throw new Error(`the element ${id} does not end`);
}

export function attribute(html: string, name: string): string {
  return new RegExp(`^<[^>]* ${name}="([^"]*)"`).exec(html)?.[1] ?? "";
}
