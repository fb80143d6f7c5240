import { findBlog } from "../blogs/blogs.ts";
import { findComment, type CommentRow } from "../comments/comments.ts";
import { answersAfter, answersIn, visibleComments } from "../comments/lists.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";
import { AppError, notFound } from "../errors.ts";
import { discussionTags } from "../feeds/share.ts";
import { wordingFor } from "../i18n/i18n.ts";
import {
  renderAnswerCounts,
  renderComment,
  renderCommentsCount,
  renderCommentsHeader,
  renderCommentsState,
} from "../realtime/discussion-changes.ts";
import { ANSWERS_SHOWN } from "../rendering/comment-models.ts";
import { placeBetween } from "../rendering/models.ts";
import { rendered } from "../rendering/views.ts";
import { formModel, waysIn } from "./comment-form.ts";
import { addressOf, READER_SORTS, type DiscussionAddress, type ReaderSort } from "./discussion-address.ts";

/** Threads on one page, and answers on one page of a thread of its own. */
export const THREADS_SHOWN = 50;
export const THREAD_PAGE = 100;

const SORT_WORDS = {
  newest: "discussion.newest",
  oldest: "discussion.oldest",
  reactions: "discussion.most-liked",
  featured: "discussion.picks",
} as const;

/** The comments of one page, each thread with what is shown of it, and whether another page follows. */
interface Shown {
  readonly threads: { readonly root: CommentRow; readonly answers: CommentRow[] }[];
  /** The last one of the page, where there is more. */
  readonly last: CommentRow | null;
}

/**
 * The page of a blog's discussion, whole without JavaScript.
 * @param version what a reader of this page has seen; read before the rows, so that anything newer is only sent twice
 * @throws AppError 404 for a blog, a thread or a page that there is not
 */
export async function renderDiscussionPage(
  context: Context,
  slug: string,
  address: DiscussionAddress,
  version: number,
): Promise<string> {
  const { config, db, publicUrl, views } = context;
  const { sort, thread, after, said } = address;
  const blog = await findBlog(db, slug);
  const [begin, newest] = await Promise.all([cursor(context, blog, after), newestPlace(context, blog)]);
  const { threads, last } = thread ? await oneThread(context, blog, thread, after) : await list(context, blog, address);
  const ways = thread ? new Map<string, string>() : await waysToAll(context, blog, sort, threads);
  const here = addressOf(slug, { sort, thread, after });
  const { say } = wordingFor(blog.language);
  const share = discussionTags(context, blog, {
    title: say("discussion.of", { title: blog.title }),
    description: say("discussion.about", { title: blog.title }),
    url: publicUrl + here,
  });
  const page = {
    head: {
      title: share.title,
      description: share.description,
      canonical: share.url,
      share,
      styles: ["css/discussion.css"],
      script: "js/discussion.js",
      says: "talk.",
    },
    slug,
    closed: blog.state === "closed",
    address: addressOf(slug, {}),
    epoch: context.epoch(blog.id),
    version,
    sort,
    thread: thread ?? "",
    begin: begin && placeBetween(begin.created_at, begin.id),
    end: last ? placeBetween(last.created_at, last.id) : "",
    newest,
    said: said && { kind: said, words: say(`said.${said}`) },
    header: rendered(renderCommentsHeader(context, blog)),
    total: rendered(await renderCommentsCount(context, blog)),
    state: rendered(await renderCommentsState(context, blog)),
    form: rendered(
      views.fragment("comment-form", formModel(slug, `page-${version}`, waysIn(config, here)), blog.language),
    ),
    sorts: READER_SORTS.map((one) => ({
      url: addressOf(slug, { sort: one }),
      words: say(SORT_WORDS[one]),
      current: one === sort,
    })),
    threads: threads.map((shown) => rendered(threadOf(context, blog, shown, ways.get(shown.root.id) ?? ""))),
    none: say(thread ? "discussion.thread-gone" : sort === "featured" ? "discussion.no-picks" : "discussion.begin"),
    back: after ? addressOf(slug, { sort, thread }) : null,
    next: last && `${addressOf(slug, { sort, thread, after: last.id })}#comments`,
  };
  return views.page("discussion", page, { language: blog.language });
}

/** One thread as the list shows it; the browser builds the same around a comment that begins one. */
function threadOf(context: Context, blog: Blog, { root, answers }: Shown["threads"][number], way: string): string {
  return context.views.fragment(
    "comment-thread",
    {
      comment: rendered(renderComment(context, root, blog)),
      answers: answers.map((answer) => rendered(renderComment(context, answer, blog))),
      more: rendered(way),
    },
    blog.language,
  );
}

async function list({ db }: Context, blog: Blog, { sort, after }: DiscussionAddress): Promise<Shown> {
  // A pick stands for itself, also where it answers another comment.
  const isFlat = sort === "featured";
  const rows = await visibleComments(db, blog.id, { sort, after, limit: THREADS_SHOWN + 1, threadsOnly: !isFlat });
  const roots = rows.slice(0, THREADS_SHOWN);
  const ids = isFlat ? [] : roots.map(({ id }) => id);
  const answers = Map.groupBy(await answersIn(db, ids, ANSWERS_SHOWN), (row) => row.root_id);
  return {
    threads: roots.map((root) => ({ root, answers: isFlat ? [] : (answers.get(root.id) ?? []) })),
    last: rows.length > THREADS_SHOWN ? roots.at(-1)! : null,
  };
}

async function oneThread({ db }: Context, blog: Blog, thread: string, after: string | null): Promise<Shown> {
  const root = await findComment(db, thread);
  if (root.blog_id !== blog.id || root.root_id !== root.id || root.face === "none") throw notFound("conversation");
  const rows = await answersAfter(db, thread, after, THREAD_PAGE + 1);
  const answers = rows.slice(0, THREAD_PAGE);
  return { threads: [{ root, answers }], last: rows.length > THREAD_PAGE ? answers.at(-1)! : null };
}

const waysToAll = (context: Context, blog: Blog, sort: ReaderSort, threads: Shown["threads"]) =>
  sort === "featured"
    ? Promise.resolve(new Map<string, string>())
    : renderAnswerCounts(
        context,
        threads.map(({ root }) => root.id),
        blog,
      );

async function cursor({ db }: Context, blog: Blog, after: string | null): Promise<CommentRow | null> {
  if (after === null) return null;
  const row = await findComment(db, after).catch((error: unknown) => {
    if (error instanceof AppError && error.status === 404) return null;
    throw error;
  });
  // What readers never saw is as if it were not there.
  if (row?.blog_id !== blog.id || row.position === null) throw notFound("page");
  return row;
}

/** What is newer than this is new to whoever reads the page. */
async function newestPlace({ db }: Context, blog: Blog): Promise<string> {
  const [row] = await visibleComments(db, blog.id, { sort: "newest", limit: 1, after: null });
  return row ? placeBetween(row.created_at, row.id) : "";
}
