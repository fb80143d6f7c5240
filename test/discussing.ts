import { sql } from "kysely";
import { OPERATOR } from "../server/auth/actors.ts";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { CommentAnswer } from "../server/comments/comments.ts";
import type { RestrictionKind } from "../server/database.ts";
import { restrict } from "../server/moderation/restrictions.ts";
import type { Person, TestApp } from "./app.ts";

export type Commenting = ReturnType<typeof commenting>;

/** What readers and moderators do in a discussion, over the API. */
export function commenting(app: TestApp) {
  const moderator = async () => app.as(await app.person("moderator"));

  async function set(blog: BlogAnswer, settings: object): Promise<void> {
    await (await moderator()).patch(`/api/blogs/${blog.slug}/comment-settings`, 1).send(settings).expect(200);
  }

  const write = (blog: BlogAnswer, person: Person, body: string, parentId?: string): Promise<CommentAnswer> =>
    app.comment(blog, { body, ...(parentId ? { parentId } : {}) }, person);

  async function decide(id: string, decision: "approve" | "reject", more: object = {}): Promise<void> {
    const { body } = await (await moderator()).get(`/api/comments/${id}`).expect(200);
    await (
      await moderator()
    )
      .post(`/api/comments/${id}/decisions`)
      .send({ decision, version: body.version, ...(decision === "reject" ? { reasonCode: "spam" } : {}), ...more })
      .expect(200);
  }

  return {
    set,
    write,
    /** A blog in which whatever is written is published at once. */
    async blog(fields: object = {}): Promise<BlogAnswer> {
      const blog = await app.blog(fields);
      await set(blog, { newCommenterHold: 0 });
      return blog;
    },
    /** Comments that are published, the oldest first. */
    async published(blog: BlogAnswer, person: Person, bodies: string[], parentId?: string): Promise<CommentAnswer[]> {
      const written: CommentAnswer[] = [];
      for (const body of bodies) written.push(await write(blog, person, body, parentId));
      return written;
    },
    approve: (id: string) => decide(id, "approve"),
    reject: (id: string, more: object = {}) => decide(id, "reject", more),
    like: (person: Person, id: string) => app.as(person).put(`/api/comments/${id}/reaction`).expect(200),
    pick: async (id: string) => (await moderator()).put(`/api/comments/${id}/feature`).send({}).expect(200),
    edit: (person: Person, { id, version }: CommentAnswer, body: string) =>
      app.as(person).patch(`/api/comments/${id}`, version).send({ body, version }).expect(200),
    remove: (person: Person, id: string) => app.as(person).delete(`/api/comments/${id}`).expect(204),
    restrict: async (
      person: Person,
      { kind, message, until }: { kind: RestrictionKind; message: string; until?: Date },
    ) =>
      app.app.context.db
        .transaction()
        .execute((trx) => restrict(trx, OPERATOR, person.id, { kind, blogId: null, until: until ?? null, message })),
    /** How far the discussion is. */
    async version(blog: BlogAnswer): Promise<number> {
      const { version } = await app.app.context.db
        .selectFrom("streams")
        .select("version")
        .where("blog_id", "=", blog.id)
        .where("kind", "=", "comments")
        .executeTakeFirstOrThrow();
      return version;
    },
  };
}

/** A published comment without the checks, quickly. @returns its id */
export async function insertComment(
  app: TestApp,
  blog: BlogAnswer,
  author: string,
  fields: { root?: string | undefined; body?: string; at?: Date } = {},
): Promise<string> {
  const { id } = await app.app.context.db
    .insertInto("comments")
    .values({
      blog_id: blog.id,
      author_id: author,
      parent_id: fields.root ?? null,
      root_id: fields.root ?? sql<string>`currval(pg_get_serial_sequence('comments', 'id'))`,
      body: fields.body ?? "Words",
      status: "published",
      initial_status: "published",
      face: "comment",
      position: 1,
      ...(fields.at ? { created_at: fields.at } : {}),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}
