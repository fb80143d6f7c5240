import { may, type Actor } from "../auth/permissions.ts";
import type { Blog, Db, Trx } from "../database.ts";
import { AppError, invalid } from "../errors.ts";
import type { RateKind, Rates } from "../rates.ts";
import { askOutside, type OutsideService } from "../rules/outside-check.ts";
import { cleanComment, type CommentRefusal } from "../rules/comment-text.ts";
import { keepAddress } from "./addresses.ts";
import { answerStatus, commentAnswer, findComment, presentComment, type CommentAnswer } from "./comments.ts";
import { requireWelcome } from "./standing.ts";
import { currentWords } from "./word-lists.ts";
import { submitComment, type Advice } from "./writing.ts";

/** What stands between a reader's words and the discussion, whichever way they come: the API or a plain form. */
export interface Gate {
  readonly db: Db;
  /** The newsroom's own service; null where there is none. */
  readonly service: OutsideService | null;
  /** null where nobody is slowed down. */
  readonly rates: Rates | null;
}

/** Whose words they are, where they are to stand, and from where they were sent. */
export interface Writer {
  readonly actor: Actor;
  readonly blog: Blog;
  readonly address: string | null;
}

export interface HandedIn {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/**
 * Hands a comment in: published, waiting, or refused by a rule.
 * @param transact does the work once for the caller's Idempotency-Key
 * @throws AppError as submitComment and Rates.take do, and 422 for what cannot be a comment
 */
export async function handIn<A extends HandedIn>(
  gate: Gate,
  writer: Writer,
  given: { body: string; parentId: string | null },
  transact: (work: (trx: Trx) => Promise<HandedIn & { body: CommentAnswer }>) => Promise<A>,
): Promise<A> {
  const { actor, blog, address } = writer;
  const draft = { ...given, body: cleaned(given.body) };
  return counted(gate, "comment", writer, async () => {
    const advice = await adviceOn(gate, draft.body, actor, blog);
    return transact(async (trx) => {
      const { id, status } = await submitComment(trx, actor, blog.id, draft, advice);
      if (address) await keepAddress(trx, id, address);
      return {
        status: answerStatus(status),
        body: presentComment(await findComment(trx, id), "author"),
        headers: { Location: `/api/comments/${id}` },
      };
    });
  });
}

/** What became of a comment, from the answer that was given or is given again. */
export const handedIn = ({ body }: HandedIn): CommentAnswer => commentAnswer.parse(body);

/** @throws AppError 422 with the codes of rules/comment-text.ts, and words for people */
export function cleaned(given: string): string {
  const result = cleanComment(given);
  if ("text" in result) return result.text;
  throw invalid([{ pointer: "/body", ...result.refusal }], wordsFor(result.refusal));
}

function wordsFor(refusal: CommentRefusal): string {
  if (refusal.code === "comment-empty") return "There is nothing in this comment yet.";
  if (!("max" in refusal)) return "This comment has characters in it that cannot be kept.";
  const { max, actual, unit } = refusal;
  const what = unit === "graphemes" ? "characters" : "bytes";
  return `A comment can have ${max.toLocaleString("en")} ${what}; this one has ${actual.toLocaleString("en")}.`;
}

/** Words and the newsroom's own check are asked before anything is locked; the latter only about those who may write. */
export async function adviceOn({ db, service }: Gate, body: string, actor: Actor, blog: Blog): Promise<Advice> {
  if (service) await requireWelcome(db, actor, blog.id);
  const [words, outside] = await Promise.all([
    currentWords(db),
    service && askOutside(service, { blog: blog.slug, author: actor.userId, body }),
  ]);
  return { words, outside };
}

/** What failed by our fault, or was only a repeat, is not counted. The newsroom is not slowed down. */
export async function counted<A extends HandedIn>(
  { rates }: Gate,
  kind: RateKind,
  { actor, blog, address }: Writer,
  work: () => Promise<A>,
): Promise<A> {
  if (!rates || may(actor, "desk:follow", blog.id) === "any") return work();
  const giveBack = await rates.take(kind, actor.userId!, address);
  try {
    const answer = await work();
    if (answer.headers?.["Idempotent-Replayed"]) await giveBack();
    return answer;
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) await giveBack();
    throw error;
  }
}
