import { z } from "zod";
import type { Context } from "../context.ts";
import { route, type AnyRoute } from "../http.ts";
import { time } from "../input.ts";
import { changeSettings, presentSettings, settingsAnswer, settingsOf } from "./settings.ts";

const domain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
const settingsChanges = z.strictObject({
  state: z.enum(["open", "closed", "disabled"]).optional(),
  moderation: z.enum(["pre", "post"]).optional(),
  slowModeSeconds: z.int().min(0).max(86_400).optional(),
  newCommenterHold: z.int().min(0).max(100).optional(),
  holdLinks: z.boolean().optional(),
  allowedDomains: z.array(domain).max(100).optional(),
  editWindowSeconds: z.int().min(0).max(86_400).optional(),
  closesAt: time.nullish(),
  version: z.int().min(1).optional(),
});

/** How comments are handled in a blog. */
export function commentSettingsRoutes({ db }: Context): AnyRoute[] {
  return [
    route<{ slug: string }>({
      method: "get",
      path: "/api/blogs/:slug/comment-settings",
      summary: "How comments are handled in this blog",
      action: "blog:read",
      answers: { 200: settingsAnswer },
      handle: async ({ blog }) => ({ status: 200, body: presentSettings(await settingsOf(db, blog.id)) }),
    }),

    route<{ slug: string }, {}, z.output<typeof settingsChanges>>({
      method: "patch",
      path: "/api/blogs/:slug/comment-settings",
      summary: "Change how comments are handled in this blog",
      action: "discussion:settings",
      body: settingsChanges,
      answers: { 200: settingsAnswer },
      handle: ({ blog, actor, body: { version, ...changes }, transact }) =>
        transact(async (trx) => {
          const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
          return {
            status: 200,
            body: presentSettings(await changeSettings(trx, actor, blog.id, version ?? null, given)),
          };
        }),
    }),
  ];
}
