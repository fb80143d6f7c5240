import { createHash } from "node:crypto";
import { z } from "zod";
import type { Context } from "../context.ts";
import { route, type AnyRoute } from "../http.ts";
import { endpointOf, subscribe, subscriptionOf, unsubscribe, type Subscription } from "./subscriptions.ts";

/** For readers without an account as for others: what is kept is a browser's, not a person's. */
export function pushRoutes({ db, config, rates }: Context): AnyRoute[] {
  const allow = config.pushAllowHosts;
  return [
    route<{ slug: string }, {}, Subscription>({
      method: "post",
      path: "/api/blogs/:slug/push-subscriptions",
      summary: "Tell this browser of the blog's key events (201), or go on doing so (200)",
      action: "blog:read",
      body: subscriptionOf(allow),
      answers: { 200: z.object({ endpoint: z.string() }), 201: z.object({ endpoint: z.string() }) },
      async handle({ blog, body, request }) {
        const { endpoint } = body;
        const browser = createHash("sha256").update(endpoint).digest("base64url");
        if (config.rateLimits) await rates.take("push", browser, request.ip ?? null);
        return { status: (await subscribe(db, blog.id, body)) ? 201 : 200, body: { endpoint } };
      },
    }),

    route<{ slug: string }, {}, { endpoint: string }>({
      method: "delete",
      path: "/api/blogs/:slug/push-subscriptions",
      summary: "Tell this browser nothing more of the blog",
      action: "blog:read",
      body: z.strictObject({ endpoint: endpointOf(allow) }),
      answers: { 204: null },
      async handle({ blog, body }) {
        await unsubscribe(db, blog.id, body.endpoint);
        return { status: 204 };
      },
    }),
  ];
}
