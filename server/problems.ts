import { z } from "zod";
import { AppError, badRequest, notFound } from "./errors.ts";
import type { Views } from "./rendering/views.ts";
import { databaseFailure } from "./transact.ts";

/** As RFC 9457 and docs/api.md have it. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  errors: z
    .array(
      z.object({
        pointer: z.string(),
        code: z.string(),
        unit: z.string().optional(),
        max: z.int().optional(),
        actual: z.int().optional(),
      }),
    )
    .optional(),
  current: z.unknown().optional(),
});

type ProblemBody = z.output<typeof problemSchema>;

const TITLES: Record<number, string> = {
  400: "The request cannot be read",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Not done here",
  409: "This conflicts with how things are",
  410: "Removed",
  412: "Changed meanwhile",
  413: "Too large",
  415: "Wrong content type",
  422: "Not acceptable",
  428: "Precondition required",
  429: "Too many tries",
  500: "Something went wrong",
  503: "Not available right now",
  507: "No space left",
};

/** What the caller is told of an error: its own words for one of ours, and nothing of the inside for any other. */
export function problemOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  // body-parser's and the router's own refusals carry a status and a type.
  const { status, type } = error as { status?: number; type?: string };
  if (type === "entity.too.large") return new AppError(413, "too-large", "The body is too large.");
  if (type === "encoding.unsupported" || type === "charset.unsupported")
    return new AppError(415, "unsupported-media-type", "Send plain UTF-8.");
  if (status === 404 || status === 403) return notFound("page");
  if (status === 405) return new AppError(405, "method-not-allowed", "This can only be read.");
  if ((status && status < 500) || error instanceof URIError)
    return badRequest("unreadable", "The request cannot be read.");
  return (
    databaseFailure(error) ??
    new AppError(500, "internal", "The error was written down; its number is in X-Request-Id.")
  );
}

/** A problem document (RFC 9457), or with `views` a page that says the same. */
export function problemAnswer(problem: AppError, views: Views | null): { type: string; body: string } {
  const { title, status, detail } = problemBody(problem);
  if (views)
    return {
      type: "text/html; charset=utf-8",
      body: views.page("problem", { head: { title }, title, status, detail }),
    };
  return { type: "application/problem+json", body: JSON.stringify(problemBody(problem)) };
}

/** What a problem document says. */
export function problemBody({ status, code, message: detail, extra }: AppError): ProblemBody {
  const title = TITLES[status] ?? "This did not work";
  return { type: `urn:dateline:problem:${code}`, title, status, code, detail, ...extra };
}
