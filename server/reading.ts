import express, { type Request } from "express";
import type { z } from "zod";
import { AppError, badRequest, invalid, preconditionRequired, type InputError } from "./errors.ts";

const KEY = /^[\x21-\x7e]{1,128}$/;

/** @throws AppError 422 with a pointer and a code for each thing that is wrong */
export function parse<T extends z.ZodType>(schema: T, input: unknown, prefix = "/"): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalid(result.error.issues.flatMap((issue) => inputErrors(issue, prefix)));
}

/** Keys of a body that are named in an answer: enough to find the mistake, not enough to use the answer as an echo. */
const MOST_ERRORS = 20;
const LONGEST_NAME = 60;

function inputErrors(issue: z.core.$ZodIssue, prefix: string): InputError[] {
  const at = (path: PropertyKey[]) => prefix + path.map(pointerPart).join("/");
  if (issue.code === "unrecognized_keys")
    return issue.keys
      .slice(0, MOST_ERRORS)
      .map((key) => ({ pointer: at([...issue.path, key]), code: "unknown-field" }));
  const code = issue.code === "custom" ? issue.message : issue.code.replaceAll("_", "-");
  return [{ pointer: at(issue.path), code }];
}

/** RFC 6901. */
const pointerPart = (name: PropertyKey): string =>
  String(name).slice(0, LONGEST_NAME).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1");

export function jsonBody(request: Request): unknown {
  if (request.is("application/json")) return request.body;
  const none = request.headers["transfer-encoding"] === undefined && !Number(request.headers["content-length"] ?? 0);
  if (none) return {};
  throw new AppError(415, "unsupported-media-type", "Send application/json.");
}

/** Reads the body into `request.body`; one of another type is left unread. */
export async function readPicture(
  request: Request,
  { types, limit }: { types: string[]; limit: string },
): Promise<void> {
  const read = express.raw({ type: types, limit, inflate: false });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  read(request, request.res!, (error?: unknown) => (error ? reject(error) : resolve()));
  return promise;
}

const BODIES = new WeakMap<object, Buffer>();
const EMPTY = Buffer.alloc(0);

/** For express.json's `verify`: keeps the bytes as they came, for the fingerprint. */
export function keepBody(request: object, _response: unknown, bytes: Buffer): void {
  BODIES.set(request, bytes);
}

/** What was sent, byte for byte. */
export const rawBody = (request: Request): Buffer =>
  BODIES.get(request) ?? (Buffer.isBuffer(request.body) ? request.body : EMPTY);

/** @returns null where none was sent and none is needed */
export function idempotencyKey(request: Request, isNeeded: boolean): string | null {
  const key = request.get("Idempotency-Key");
  if (key === undefined && !isNeeded) return null;
  if (key === undefined)
    throw badRequest("idempotency-key-required", "Send an Idempotency-Key, new for each thing that you create.");
  if (!KEY.test(key))
    throw badRequest("idempotency-key-invalid", "An Idempotency-Key is 1 to 128 visible ASCII characters.");
  return key;
}

/**
 * The versions that the caller has seen. Proxies that compress mark our tags as weak; a version is the same version
 * all the same. What follows a dot in a tag tells answers apart, and not versions.
 */
export function ifMatch(request: Request): number[] {
  const header = request.get("If-Match");
  // "*" would mean: whatever it says now.
  if (header === undefined || header.trim() === "*") throw preconditionRequired();
  return header
    .split(",")
    .flatMap((tag) => /^\s*(?:W\/)?"(\d{1,9})(?:\.\d+)?"\s*$/.exec(tag)?.[1] ?? [])
    .map(Number);
}
