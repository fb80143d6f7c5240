import type { Request, Response } from "express";
import { ADDRESS_HEADER } from "../auth/auth.ts";
import type { Context } from "../context.ts";
import { unavailable } from "../errors.ts";
import { tooManyTries } from "./forms.ts";

/** Asks better-auth for somebody's browser, which is counted as if they had asked themselves. @param body none: a GET */
export async function ask(
  { auth, publicUrl }: Context,
  request: Request,
  path: string,
  body?: object,
): Promise<globalThis.Response> {
  const headers = new Headers({ "Content-Type": "application/json", Origin: publicUrl });
  if (request.headers.cookie) headers.set("Cookie", request.headers.cookie);
  headers.set(ADDRESS_HEADER, request.ip ?? "");
  const asked = new globalThis.Request(new URL(`/api/auth${path}`, publicUrl), {
    method: body ? "POST" : "GET",
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = await auth.handler(asked);
  if (answer.status >= 500) throw unavailable();
  return answer;
}

export function takeCookies(answer: globalThis.Response, response: Response): void {
  for (const cookie of answer.headers.getSetCookie()) response.append("Set-Cookie", cookie);
}

/** What to say of a refusal: that there were too many tries, or else what the caller makes of it. */
export function refusalOf({ status, headers }: globalThis.Response, otherwise: string): string {
  return status === 429 ? tooManyTries(Number(headers.get("X-Retry-After")) || 60) : otherwise;
}
