import { join } from "node:path";
import express, { type Express } from "express";
import helmet from "helmet";
import { hashOf } from "./assets.ts";
import type { Context } from "./context.ts";
import { FRAME_ORIGINS } from "./embeds/providers.ts";
import { healthRoutes } from "./health.ts";
import { answerProblem, keepBody, mountRoutes, noSuchPage, observe, type AnyRoute } from "./http.ts";
import { apiDescription } from "./openapi.ts";
import { cardPictures } from "./pages/cards.ts";
import { commentPages } from "./pages/comments.ts";
import { embedFiles } from "./pages/embed-files.ts";
import { pictureFiles } from "./pages/picture-files.ts";
import { accountPages } from "./pages/account.ts";
import { passwordPages } from "./pages/passwords.ts";
import { workerFiles } from "./pages/worker-files.ts";
import { publicFiles } from "./pages/public-files.ts";
import { deskPages } from "./pages/desk.ts";
import { moderationPages } from "./pages/moderation.ts";
import { postPages } from "./pages/post-pages.ts";
import { pageRoutes } from "./pages/routes.ts";
import { noticePages } from "./pages/notices.ts";
import { sitemaps } from "./pages/sitemaps.ts";
import { signInPages } from "./pages/sign-in.ts";
import { signUpPages } from "./pages/sign-up.ts";
import { verifyPages } from "./pages/verify.ts";
import { signInRoutes } from "./sign-in.ts";

/** Pages hold no script and load nothing from elsewhere. */
const SECURITY_HEADERS: Record<string, string> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "X-Content-Type-Options": "nosniff",
};

/** A blog's page holds its stylesheet and what loads its script, and may show a player in a frame, once asked to. */
export function headersOfReaders({ assets, publicUrl }: Context): Record<string, string> {
  const policy = SECURITY_HEADERS["Content-Security-Policy"]!;
  const withOurs = policy
    .replace("style-src 'self'", `$& ${hashOf(assets.stylesheet)}`)
    .replace("script-src 'self'", `$& ${hashOf(assets.loader)}`);
  return {
    ...SECURITY_HEADERS,
    "Content-Security-Policy": `${withOurs}; frame-src ${FRAME_ORIGINS}`,
    ...(publicUrl.startsWith("https:") ? { "Strict-Transport-Security": "max-age=31536000; includeSubDomains" } : {}),
  };
}

const files = join(import.meta.dirname, "..", "public");
const JSON_BODIES = { limit: "64kb", inflate: false, strict: true, verify: keepBody };

/**
 * All that is not a reader's page, in the order in which it is asked.
 * @param unready why this server should get no requests now; null when it may
 */
export function expressApp(context: Context, routes: AnyRoute[], unready: () => string | null): Express {
  const { config } = context;
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", "weak");
  app.set("query parser", "simple");
  if (config.trustProxy.length) app.set("trust proxy", config.trustProxy);
  app.use(healthRoutes(context, { reason: unready }));
  app.use(observe(context));
  app.use(
    helmet({
      contentSecurityPolicy: false,
      crossOriginResourcePolicy: false,
      strictTransportSecurity: context.publicUrl.startsWith("https:"),
    }),
  );
  app.use((_request, response, next) => {
    response.set(SECURITY_HEADERS);
    next();
  });
  app.use(publicFiles(files));
  app.use(express.static(files, { immutable: true, maxAge: "365d", index: false }));
  app.use(embedFiles(files));
  app.use(workerFiles(files, context));
  app.use("/media", pictureFiles(context));
  app.use(signInRoutes(context));
  // Thousands of words in many scripts.
  app.use("/api/moderation/word-lists", express.json({ ...JSON_BODIES, limit: "2mb" }));
  app.use(express.json(JSON_BODIES));
  mountRoutes(app, context, routes);
  app.use(apiDescription(routes, context.views));
  app.use(pageRoutes(context));
  app.use(cardPictures(context));
  app.use(sitemaps(context));
  app.use(postPages(context));
  app.use(commentPages(context));
  app.use(signInPages(context));
  app.use(signUpPages(context));
  app.use(verifyPages(context));
  app.use(passwordPages(context));
  app.use(accountPages(context));
  app.use(noticePages(context));
  app.use(deskPages(context));
  app.use(moderationPages(context));
  app.use(noSuchPage);
  app.use(answerProblem(context));
  return app;
}
