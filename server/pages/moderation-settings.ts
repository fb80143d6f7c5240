import { Router } from "express";
import { z } from "zod";
import { countVisible } from "../comments/lists.ts";
import { discussionOf, opennessOf, presentSettings, settingsOf } from "../comments/settings.ts";
import type { Context } from "../context.ts";
import type { Blog } from "../database.ts";
import { slug } from "../input.ts";
import { parse } from "../reading.ts";
import { moderationFrame, moderatorOf } from "./moderation-frame.ts";

const settingsQuery = z.object({ blog: slug.optional().catch(() => undefined) });

/** How comments are handled in each blog, and the switch for all of them. */
export function moderationSettings(context: Context): Router {
  const { db, views } = context;
  const router = Router();

  router.get("/moderation/settings", async (request, response) => {
    const moderator = await moderatorOf(context, request, response);
    if (!moderator) return;
    const { blog: wanted } = parse(settingsQuery, request.query, "query:");
    const { blogs } = moderator;
    const blog = blogs.find(({ slug }) => slug === wanted) ?? blogs[0];
    const all = await discussionOf(db);
    response.send(
      views.page("moderation-settings", {
        ...moderationFrame(moderator, "settings", blog ? `Comments on ${blog.title}` : "Settings"),
        all,
        choices: blogs.map(({ slug, title, state }) => ({
          slug,
          title,
          isClosed: state === "closed",
          chosen: slug === blog?.slug,
        })),
        blog: blog ? await blogModel(blog, all) : null,
      }),
    );
  });

  return router;

  async function blogModel(blog: Blog, all: { disabled: boolean; message: string }) {
    const [row, comments] = await Promise.all([settingsOf(db, blog.id), countVisible(db, blog.id)]);
    const settings = presentSettings(row);
    const openness = opennessOf(blog, row, all, new Date());
    return {
      slug: blog.slug,
      title: blog.title,
      timeZone: blog.time_zone,
      comments,
      now: openness.open ? "Comments are open." : openness.message,
      settings,
      closesAt: settings.closesAt ?? "",
      domains: settings.allowedDomains.join("\n"),
      editMinutes: settings.editWindowSeconds / 60,
      states: choices(settings.state, [
        ["open", "Open: readers write comments"],
        ["closed", "Closed: they can be read"],
        ["disabled", "Off: the blog has no comments"],
      ]),
      ways: choices(settings.moderation, [
        ["post", "Shown at once, and looked at afterwards"],
        ["pre", "Looked at first, and shown when approved"],
      ]),
    };
  }
}

const choices = (chosen: string, all: [value: string, label: string][]) =>
  all.map(([value, label]) => ({ value, label, chosen: value === chosen }));
