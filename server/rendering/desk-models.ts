import type { Blog, Post } from "../database.ts";
import type { PicturesById } from "../media/media.ts";
import { isPrivate } from "../posts/states.ts";
import { postModel, type PostModel } from "./models.ts";
import { stamp, type Stamp } from "./times.ts";

export interface Writer {
  readonly name: string;
  readonly slug: string;
}

/** What views/partials/desk/post.hbs shows: the post as readers see it, and what only the newsroom knows of it. */
export interface DeskPostModel extends PostModel {
  version: number;
  /** In words. */
  statusLabel: string;
  /** When it came into this state; of a scheduled post, when it is to be published. */
  since: Stamp;
  writer: Writer | null;
  tags: string[];
  /** A draft that only its author may read. */
  private: boolean;
  /** Whether there is a note between editor and author; what it says is not for everybody. */
  noted: boolean;
}

const STATUS_LABELS: Record<Post["status"], string> = {
  draft: "Draft",
  submitted: "Waiting for approval",
  scheduled: "Scheduled",
  published: "Published",
  removed: "Taken down",
};

export function deskPostModel(post: Post, blog: Blog, pictures: PicturesById, writer: Writer | null): DeskPostModel {
  return {
    ...postModel(post, blog, pictures),
    version: post.version,
    statusLabel: STATUS_LABELS[post.status],
    since: stamp(post.status === "published" ? post.published_at! : (post.publish_at ?? post.updated_at), blog),
    writer,
    tags: post.tags,
    private: isPrivate(post),
    noted: post.note !== null,
  };
}
