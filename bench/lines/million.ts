import { sql, type CompiledQuery } from "kysely";
import type { Sql } from "postgres";
import { countVisible, visibleComments } from "../../server/comments/lists.ts";
import { withAuthor } from "../../server/comments/comments.ts";
import { cardsFor } from "../../server/moderation/cards.ts";
import { countQueues, QUEUES, queued } from "../../server/moderation/queues.ts";
import type { Db } from "../../server/database.ts";
import { datelineTarget, ms, percentile, type Line } from "../bench.ts";

const COMMENTS = 1_000_000;
const BLOGS = 20;
const PEOPLE = 20_000;
/** Milliseconds. */
const GOAL = 20;

/** What moderators and readers ask for when a newsroom has a million comments. */
export const million: Line = async ({ port, quick }, add) => {
  const { server } = await datelineTarget(port);
  const { db, sql: postgres } = await server.database();
  try {
    await db.connection().execute(fill);
    const { id: blogId } = await db.selectFrom("blogs").select("id").where("slug", "=", "b1").executeTakeFirstOrThrow();
    const page = { order: "oldest", limit: 51, after: null } as const;
    const busiest = await mostActive(db);
    const questions: Record<string, (db: Db) => Promise<unknown>> = {
      ...Object.fromEntries(
        QUEUES.flatMap((queue) => [
          [`a page of the queue “${queue}”, all blogs`, (db) => queued(db, queue, null, page)],
          [`a page of the queue “${queue}”, one blog`, (db) => queued(db, queue, [blogId], page)],
        ]),
      ),
      "the counts of all queues, all blogs": (db) => countQueues(db, null),
      "the counts of all queues, one blog": (db) => countQueues(db, [blogId]),
      "fifty cards with their context": async (db) =>
        cardsFor(db, await queued(db, "pending", null, { ...page, limit: 50 })),
      "a person’s latest fifty comments": (db) =>
        withAuthor(db)
          .where("comments.author_id", "=", busiest)
          .orderBy("comments.created_at", "desc")
          .orderBy("comments.id", "desc")
          .limit(50)
          .execute(),
      "a page of the discussion, newest": (db) =>
        visibleComments(db, blogId, { sort: "newest", limit: 51, after: null, threadsOnly: true }),
      "a page of the discussion, most liked": (db) =>
        visibleComments(db, blogId, { sort: "reactions", limit: 51, after: null }),
      "how many comments a blog shows (50,000)": (db) => countVisible(db, blogId),
    };
    for (const [what, ask] of Object.entries(questions)) {
      const times: number[] = [];
      for (let n = 0; n < (quick ? 10 : 50); n++) {
        const began = performance.now();
        await ask(db);
        times.push(performance.now() - began);
      }
      const median = percentile(times, 0.5);
      if (process.env.EXPLAIN) console.log(`\n${what}\n${(await plansOf(db, postgres, ask)).join("\n")}\n`);
      add({
        what: `of a million comments: ${what}`,
        dateline: ms(median),
        goal: `median ≤ ${GOAL} ms`,
        met: median <= GOAL,
      });
    }
  } finally {
    await postgres.end();
    await server.stop();
  }
};

async function mostActive(db: Db): Promise<string> {
  const { author_id: id } = await db
    .selectFrom("comments")
    .select("author_id")
    .groupBy("author_id")
    .orderBy((eb) => eb.fn.countAll(), "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  return id!;
}

/** A thousandth waits, a hundredth was rejected, one in three was approved by hand, and 500 have open reports. */
async function fill(db: Db): Promise<void> {
  await sql`set statement_timeout = 0`.execute(db);
  await sql`
    insert into users (id, name, slug, email, email_verified)
    select 'bench-' || n, 'Reader ' || n, 'bench-' || n, 'reader-' || n || '@bench.example', true
    from generate_series(1, ${PEOPLE}::integer) n`.execute(db);
  await sql`
    insert into blogs (slug, title, standfirst, language, time_zone)
    select 'b' || n, 'Blog ' || n, '', 'en', 'UTC' from generate_series(1, ${BLOGS}::integer) n`.execute(db);
  await sql`insert into streams (blog_id, kind) select id, kind from blogs, unnest(array['blog', 'desk', 'comments']) kind
    where slug ~ '^b[0-9]+$'`.execute(db);
  await sql`insert into comment_settings (blog_id) select id from blogs where slug ~ '^b[0-9]+$'`.execute(db);
  await sql`
    insert into comments (id, root_id, blog_id, author_id, body, status, initial_status, face, position, created_at, reactions)
    overriding system value
    select first + n, first + n, (select min(id) from blogs where slug ~ '^b[0-9]+$') + n % ${BLOGS}::integer,
      'bench-' || (${PEOPLE}::integer - floor(sqrt(random()) * ${PEOPLE}::integer * 0.999)::integer),
      'Comment number ' || n || ' says that the water is still rising at the old bridge, and that nobody came.',
      status, 'published', case when status in ('published', 'approved') then 'comment' else 'none' end, n,
      now() - make_interval(secs => ${COMMENTS}::integer - n), floor(random() * 20)
    from (select n, case when n % 1000 = 0 then 'pending' when n % 1000 = 500 then 'held' when n % 100 = 7 then 'rejected'
      when n % 3 = 0 then 'approved' else 'published' end as status from generate_series(1, ${COMMENTS}::integer) n) as made,
      (select coalesce(max(id), 0) as first from comments) as before`.execute(db);
  await sql`insert into comment_reports (comment_id, reason) select id, 'spam' from comments where id % 2000 = 1`.execute(
    db,
  );
  await sql`vacuum analyze`.execute(db);
}

/** What Postgres says of each statement of a question, with the times it took. */
async function plansOf(db: Db, postgres: Sql, ask: (db: Db) => Promise<unknown>): Promise<string[]> {
  const statements: CompiledQuery[] = [];
  const noting = db.withPlugin({
    transformQuery({ node, queryId }) {
      statements.push(db.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  await ask(noting);
  const plans: string[] = [];
  for (const { sql: text, parameters } of statements) {
    const rows = await postgres.unsafe(`explain (analyze, costs off, buffers off) ${text}`, [...parameters] as never[]);
    plans.push(rows.map((row) => String(row["QUERY PLAN"])).join("\n"));
  }
  return plans;
}
