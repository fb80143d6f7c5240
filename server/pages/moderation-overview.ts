import { Router } from "express";
import { z } from "zod";
import type { Context } from "../context.ts";
import { slug } from "../input.ts";
import { overviewOf, type Overview } from "../moderation/overview.ts";
import { parse } from "../reading.ts";
import { rejectionLabel } from "../rendering/card-model.ts";
import { moderationFrame, moderatorOf } from "./moderation-frame.ts";

const SPANS = [7, 14, 30, 90];
/** Of the drawing, in its own units. */
const SIZE = { width: 700, height: 160, gap: 0.25 };

const overviewQuery = z.object({
  blog: slug.optional().catch(() => undefined),
  days: z.coerce
    .number()
    .refine((days) => SPANS.includes(days))
    .catch(14),
});

/** Day by day: what came in, what was decided, how long it waited, why it was rejected and by whom. */
export function moderationOverview(context: Context): Router {
  const { db, views } = context;
  const router = Router();

  router.get("/moderation/overview", async (request, response) => {
    const moderator = await moderatorOf(context, request, response);
    if (!moderator) return;
    const query = parse(overviewQuery, request.query, "query:");
    const chosen = moderator.blogs.find(({ slug }) => slug === query.blog);
    const blogIds = chosen ? [chosen.id] : moderator.isEverywhere ? null : moderator.blogs.map(({ id }) => id);
    const overview = await overviewOf(db, blogIds, query.days);
    response.send(
      views.page("moderation-overview", {
        ...moderationFrame(moderator, "overview", "Overview"),
        choices: moderator.blogs.map(({ slug, title }) => ({ slug, title, chosen: slug === query.blog })),
        spans: SPANS.map((days) => ({ days, chosen: days === query.days })),
        size: SIZE,
        ...totalsOf(overview),
        ...chartsOf(overview),
        rejections: barsOf(
          overview.rejections.map(({ reason, count }) => ({ label: rejectionLabel(reason ?? "other"), number: count })),
        ),
        moderators: overview.moderators.map((one) => ({ ...one, total: one.approved + one.rejected })),
      }),
    );
  });

  return router;
}

function totalsOf({ days }: Overview) {
  const sum = (name: "arrivals" | "approved" | "rejected") => days.reduce((total, day) => total + day[name], 0);
  const [approved, rejected] = [sum("approved"), sum("rejected")];
  const decided = approved + rejected;
  return {
    totals: {
      arrivals: number(sum("arrivals")),
      decided: number(decided),
      rejectedShare: decided ? `${Math.round((rejected / decided) * 100)} %` : "–",
      today: waitWords(days.at(-1)?.medianWait ?? null),
    },
  };
}

/** Two drawings with one scale of days: pairs of bars, and the waits. */
function chartsOf({ days }: Overview) {
  const most = Math.max(1, ...days.flatMap(({ arrivals, approved, rejected }) => [arrivals, approved + rejected]));
  const longest = Math.max(1, ...days.map(({ medianWait }) => medianWait ?? 0));
  const step = SIZE.width / days.length;
  const wide = (step * (1 - SIZE.gap)) / 2;
  const bar = (n: number, at: number, value: number, top: number, width = wide) => {
    const height = round((value / top) * SIZE.height);
    return {
      x: round(n * step + (step * SIZE.gap) / 2 + at * wide),
      y: round(SIZE.height - height),
      width: round(width),
      height,
    };
  };
  return {
    most: number(most),
    longest: waitWords(longest),
    hasWaits: days.some(({ medianWait }) => medianWait !== null),
    days: days.map(({ day, arrivals, approved, rejected, medianWait }, n) => {
      const approvedBar = bar(n, 1, approved, most);
      const rejectedBar = bar(n, 1, rejected, most);
      return {
        day,
        label: dayWords(day),
        arrivals: number(arrivals),
        approved: number(approved),
        rejected: number(rejected),
        wait: waitWords(medianWait),
        arrivalsBar: bar(n, 0, arrivals, most),
        approvedBar,
        rejectedBar: { ...rejectedBar, y: round(approvedBar.y - rejectedBar.height) },
        waitBar: bar(n, 0, medianWait ?? 0, longest, 2 * wide),
      };
    }),
    first: dayWords(days[0]?.day ?? ""),
    last: dayWords(days.at(-1)?.day ?? ""),
  };
}

/** The longest is as long as there is room; in the drawing's own units. */
function barsOf(rows: { label: string; number: number }[]) {
  const most = Math.max(1, ...rows.map((row) => row.number));
  return rows.map((row) => ({ ...row, width: round((row.number / most) * 100) }));
}

/** Seconds as people say them. */
function waitWords(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}

const dayWords = (day: string): string =>
  day && new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(day));
const number = (value: number): string => value.toLocaleString("en");
const round = (value: number): number => Math.round(value * 10) / 10;
