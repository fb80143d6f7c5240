import type { Context } from "../context.ts";
import type { AnyRoute } from "../http.ts";
import { decisionRoutes } from "./decision-routes.ts";
import { peopleRoutes } from "./people-routes.ts";
import { queueRoutes } from "./queue-routes.ts";
import { ruleRoutes } from "./rule-routes.ts";

/** All that moderators do over HTTP. */
export function moderationRoutes(context: Context): AnyRoute[] {
  return [...decisionRoutes(context), ...queueRoutes(context), ...peopleRoutes(context), ...ruleRoutes(context)];
}
