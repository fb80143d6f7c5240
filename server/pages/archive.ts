import { ANYONE } from "../auth/permissions.ts";
import { presentBlog } from "../blogs/blogs.ts";
import { findWhatWeKnow, presentWhatWeKnow } from "../blogs/what-we-know.ts";
import type { Context } from "../context.ts";
import type { Blog, Db, Post } from "../database.ts";
import { picturesOf } from "../media/media.ts";
import { presentPosts } from "../posts/present.ts";
import { listPosts } from "../posts/reading.ts";
import { renderHeader, renderKeyEvents, renderLastUpdated, renderPost, renderWhatWeKnow } from "../realtime/changes.ts";
import { stamp } from "../rendering/times.ts";
import { rendered } from "../rendering/views.ts";
import { standalone } from "./standalone.ts";

export type Archivist = Pick<Context, "db" | "views" | "epoch" | "pictures" | "publicUrl">;

/** Posts in hand at one time: a long story with its pictures is hundreds of megabytes. */
const AT_ONCE = 50;
/** Where the posts go. */
const SEAM = "<!--posts-->";

/**
 * A whole blog as one file that opens from disk: every published post, newest first, with its pictures, and no script.
 * @param css what the page looks like, with its font in it
 * @returns the file in parts
 */
export async function* archivePage(archivist: Archivist, blog: Blog, css: string): AsyncGenerator<string> {
  const { views, publicUrl: origin, pictures } = archivist;
  const picture = (name: string) => pictures.get(name);
  const address = `${origin}/blogs/${blog.slug}`;
  const shell = views.page(
    "archive",
    {
      head: { title: blog.title, description: blog.standfirst, canonical: address },
      css: rendered(css),
      address,
      made: stamp(new Date(), blog),
      header: rendered(renderHeader(archivist, blog)),
      whatWeKnow: rendered(await renderWhatWeKnow(archivist, blog)),
      keyEvents: rendered(await renderKeyEvents(archivist, blog)),
      lastUpdated: rendered(await renderLastUpdated(archivist, blog)),
      posts: rendered(SEAM),
    },
    { language: blog.language, layout: "archive" },
  );
  const [before, after] = (await standalone(shell, { origin, picture, within: blog.slug })).split(SEAM);
  yield before!;
  for await (const posts of everyPost(archivist.db, blog.id)) {
    const sizes = await picturesOf(archivist.db, posts);
    for (const post of posts)
      yield `<li>${await standalone(renderPost(archivist, post, blog, sizes), { origin, picture })}</li>\n`;
  }
  yield after!;
}

/** The same as data: the blog, the standing box and the posts, as the API shows them to everybody. */
export async function* archiveData(archivist: Archivist, blog: Blog): AsyncGenerator<string> {
  const { db, publicUrl, epoch } = archivist;
  const head = {
    blog: await presentBlog(db, blog, epoch(blog.id), publicUrl),
    whatWeKnow: presentWhatWeKnow(await findWhatWeKnow(db, blog.id)),
  };
  yield `${JSON.stringify(head).slice(0, -1)},"posts":[`;
  let between = "\n";
  for await (const posts of everyPost(db, blog.id))
    for (const post of await presentPosts(db, posts, { blog, publicUrl, viewer: ANYONE })) {
      yield between + JSON.stringify(post);
      between = ",\n";
    }
  yield "\n]}\n";
}

async function* everyPost(db: Db, blogId: string): AsyncGenerator<Post[]> {
  for (let before: string | undefined; ;) {
    const posts = await listPosts(db, blogId, { limit: AT_ONCE, before });
    if (!posts.length) return;
    yield posts;
    before = posts.at(-1)!.id;
  }
}
