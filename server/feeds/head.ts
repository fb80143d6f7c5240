import type { Context } from "../context.ts";
import type { Blog, Post } from "../database.ts";
import type { PicturesById } from "../media/media.ts";
import { firstPublication, lastChange } from "../posts/reading.ts";
import { rendered } from "../rendering/views.ts";
import { feedLinks } from "./formats.ts";
import { shareTags } from "./share.ts";
import { dataBlock, liveBlogPosting } from "./structured-data.ts";

/**
 * What the head of a blog's page says to programs.
 * @param posts those on the page, in whatever order
 * @param around the post that the page's address names
 */
export async function headForPrograms(
  context: Context,
  blog: Blog,
  { posts, pictures, around }: { posts: Post[]; pictures: PicturesById; around: string | null },
) {
  const [began, changed] = await Promise.all([firstPublication(context.db, blog.id), lastChange(context.db, blog.id)]);
  const newestFirst = posts.toSorted((one, other) => other.published_at!.getTime() - one.published_at!.getTime());
  const story = { blog, posts: newestFirst, pictures, began, changed };
  const named = posts.find(({ id }) => id === around) ?? null;
  return {
    feeds: feedLinks(blog.slug),
    share: shareTags(context, story, named),
    structuredData: rendered(dataBlock(liveBlogPosting(context, story))),
  };
}
