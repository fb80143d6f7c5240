import { z } from "zod";
import { commentAnswer, presentComment } from "../comments/comments.ts";
import type { Context } from "../context.ts";
import type { Restriction } from "../database.ts";
import { permit } from "../auth/permissions.ts";
import { notFound } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { slug, text, time } from "../input.ts";
import { transact } from "../transact.ts";
import { findCommenter, isInForce, requireCommenter, type RestrictionRow } from "./commenters.ts";
import { deleteNote, notesOn, writeNote } from "./notes.ts";
import { acknowledge, blogsOfAuthor, lift, rejectExisting, restrict } from "./restrictions.ts";
import { blogsOf, placeFor } from "./scope.ts";

const MAX_NOTE = 1_000;

const newRestriction = z
  .strictObject({
    kind: z.enum(["ban", "suspend", "warn", "premoderate"]),
    blog: slug.nullish(),
    until: time.refine((at) => at.getTime() > Date.now(), "in-the-past").nullish(),
    message: text(500).nullish(),
    rejectExisting: z.boolean().default(false),
  })
  .refine(({ kind, until }) => kind !== "suspend" || until, { path: ["until"], message: "required" })
  .refine(({ kind, message }) => kind !== "warn" || message, { path: ["message"], message: "required" });

const restrictionAnswer = z.object({
  id: z.string(),
  kind: z.enum(["ban", "suspend", "warn", "premoderate"]),
  /** null: everywhere. */
  blog: z.string().nullable(),
  until: z.iso.datetime().nullable(),
  message: z.string().nullable(),
  createdAt: z.iso.datetime(),
});
const pastRestriction = restrictionAnswer.extend({
  by: z.string().nullable(),
  inForce: z.boolean(),
  liftedAt: z.iso.datetime().nullable(),
  liftedBy: z.string().nullable(),
  acknowledgedAt: z.iso.datetime().nullable(),
});
const noteAnswer = z.object({
  id: z.string(),
  body: z.string(),
  by: z.object({ id: z.string(), name: z.string() }).nullable(),
  at: z.iso.datetime(),
});
const newNote = z.strictObject({ body: text(MAX_NOTE) });

const statuses = ["published", "approved", "pending", "held", "rejected"] as const;
const commenterAnswer = z.object({
  id: z.string(),
  name: z.string(),
  since: z.iso.datetime(),
  isStaff: z.boolean(),
  counts: z.record(z.enum(statuses), z.int()),
  restrictions: z.array(pastRestriction),
  notes: z.array(noteAnswer),
  comments: z.array(commentAnswer),
  sameAddress: z.int(),
});

/** The path of a person: an account's id is no number, so it is never called `:id`. */
type OfPerson = { person: string };

/** Those who write comments: what is known of them, and what they may not do. */
export function peopleRoutes({ db }: Context): AnyRoute[] {
  return [
    route<OfPerson>({
      method: "get",
      path: "/api/commenters/:person",
      summary: "Somebody who writes comments: counts, restrictions, notes, their newest comments",
      action: "commenter:read",
      somewhere: true,
      answers: { 200: commenterAnswer },
      async handle({ params, actor }) {
        const blogIds = await blogsOf(db, actor, "commenter:read", undefined);
        const { since, restrictions, comments, ...person } = await findCommenter(db, params.person, blogIds);
        const body = {
          ...person,
          since: since.toISOString(),
          restrictions: restrictions.map(presentPast),
          comments: comments.map((row) => presentComment(row, "moderator")),
        };
        return { status: 200, body };
      },
    }),

    route<OfPerson, {}, z.output<typeof newRestriction>>({
      method: "post",
      path: "/api/commenters/:person/restrictions",
      summary:
        "Ban, suspend or warn somebody, or look at what they write first; changes one of the kind that is in force",
      action: "commenter:restrict",
      somewhere: true,
      body: newRestriction,
      answers: { 201: restrictionAnswer.extend({ rejected: z.int() }) },
      async handle({ params, body, actor }) {
        const blog = await placeFor(db, actor, "commenter:restrict", body.blog ?? null);
        const { person } = params;
        await requireCommenter(db, person, await blogsOf(db, actor, "commenter:read", undefined));
        const { kind, until = null, message = null } = body;
        const given = { kind, until, message, blogId: blog?.id ?? null };
        const made = await transact(db, (trx) => restrict(trx, actor, person, given));
        // From here on nothing new of theirs can come.
        const blogIds = !body.rejectExisting ? [] : blog ? [blog.id] : await blogsOfAuthor(db, person);
        const rejected = await rejectExisting((work) => transact(db, work), actor, person, blogIds);
        return { status: 201, body: { ...presentRestriction(made, blog?.slug ?? null), rejected } };
      },
    }),

    route<{ id: string }>({
      method: "delete",
      path: "/api/restrictions/:id",
      summary: "End a restriction before its time",
      action: "commenter:restrict",
      somewhere: true,
      answers: { 204: null },
      handle: ({ params, actor, transact }) =>
        transact(async (trx) => {
          const restriction = await trx
            .selectFrom("commenter_restrictions")
            .selectAll()
            .where("id", "=", params.id)
            .executeTakeFirst();
          if (!restriction) throw notFound("restriction");
          permit(actor, "commenter:restrict", restriction.blog_id);
          await lift(trx, actor, restriction);
          return { status: 204 };
        }),
    }),

    route<{ id: string }>({
      method: "post",
      path: "/api/me/warnings/:id/acknowledge",
      summary: "Say that one has read a warning, and may write again",
      action: "comment:take-part",
      answers: { 204: null },
      handle: ({ params, actor, transact }) =>
        transact(async (trx) => {
          await acknowledge(trx, actor, params.id);
          return { status: 204 };
        }),
    }),

    route<OfPerson>({
      method: "get",
      path: "/api/commenters/:person/notes",
      summary: "What moderators wrote down about somebody, newest first",
      action: "commenter:read",
      somewhere: true,
      answers: { 200: z.object({ notes: z.array(noteAnswer) }) },
      async handle({ params, actor }) {
        await requireCommenter(db, params.person, await blogsOf(db, actor, "commenter:read", undefined));
        return { status: 200, body: { notes: await notesOn(db, params.person) } };
      },
    }),

    route<OfPerson, {}, z.output<typeof newNote>>({
      method: "post",
      path: "/api/commenters/:person/notes",
      summary: "Write a note about somebody, for moderators alone",
      action: "commenter:read",
      somewhere: true,
      body: newNote,
      creates: "by-key",
      answers: { 201: noteAnswer },
      handle: ({ params, body, actor, transact }) =>
        transact(async (trx) => {
          await requireCommenter(trx, params.person, await blogsOf(trx, actor, "commenter:read", undefined));
          return { status: 201, body: await writeNote(trx, actor, params.person, body.body) };
        }),
    }),

    route<OfPerson & { id: string }>({
      method: "delete",
      path: "/api/commenters/:person/notes/:id",
      summary: "Take a note of one's own away",
      action: "commenter:read",
      somewhere: true,
      answers: { 204: null },
      handle: ({ params, actor, transact }) =>
        transact(async (trx) => {
          await deleteNote(trx, actor, params.person, params.id);
          return { status: 204 };
        }),
    }),
  ];
}

const presentRestriction = ({ id, kind, until, message, created_at }: Restriction, blog: string | null) => ({
  id,
  kind,
  blog,
  until: until?.toISOString() ?? null,
  message,
  createdAt: created_at.toISOString(),
});

const presentPast = (row: RestrictionRow) => ({
  ...presentRestriction(row, row.blog_slug),
  by: row.by,
  inForce: isInForce(row),
  liftedAt: row.lifted_at?.toISOString() ?? null,
  liftedBy: row.lifted_by_name,
  acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
});
