/** One thing wrong with the input: a JSON pointer into the body, `query:<name>` or `header:<name>`, and a stable code. */
export interface InputError {
  readonly pointer: string;
  readonly code: string;
  /** Of a length: what is allowed, and what it was. */
  readonly unit?: string;
  readonly max?: number;
  readonly actual?: number;
}

/**
 * A failure that the caller caused or should be told about; anything else is a bug and becomes a 500.
 * `code` is stable and part of the API (docs/api.md lists them all); `message` is for people.
 */
export class AppError extends Error {
  readonly status: number;
  readonly code: string;
  /** More members of the problem document, such as `errors` or `current`. */
  readonly extra: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { extra?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = "AppError";
    this.status = status;
    this.code = code;
    this.extra = more.extra ?? {};
    this.headers = more.headers ?? {};
  }
}

export const badRequest = (code: string, message: string): AppError => new AppError(400, code, message);

export const unauthenticated = (): AppError =>
  new AppError(401, "unauthenticated", "Sign in, or send an API token.", { headers: { "WWW-Authenticate": "Bearer" } });

/** @param message which role, scope or whatever else is missing, in a sentence */
export const forbidden = (message: string): AppError => new AppError(403, "forbidden", message);

/** Also for what the caller may not know exists. */
export const notFound = (what: string): AppError => new AppError(404, "not-found", `There is no such ${what}.`);

export const conflict = (code: string, message: string, extra: Record<string, unknown> = {}): AppError =>
  new AppError(409, code, message, { extra });

/** Somebody changed it meanwhile; `current` is its state now, so that no work is overwritten unseen. */
export const stale = (current: unknown, version: number): AppError =>
  new AppError(412, "stale-version", "It was changed by somebody else since you read it.", {
    extra: { current },
    headers: { ETag: `"${version}"` },
  });

export const preconditionRequired = (): AppError =>
  new AppError(428, "if-match-required", "Send the ETag that you read in If-Match.");

/** Parsed, but not acceptable. */
export const invalid = (errors: InputError[], message = "Some of the input cannot be accepted."): AppError =>
  new AppError(422, "invalid-input", message, { extra: { errors } });

/** Try again: nothing is known to have happened, and an Idempotency-Key makes the retry safe. */
export const unavailable = (message = "The database cannot be reached at the moment."): AppError =>
  new AppError(503, "unavailable", message, { headers: { "Retry-After": "2" } });

export const gone = (what: string): AppError => new AppError(410, "gone", `This ${what} was removed.`);
