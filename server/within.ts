/** A database that takes packets and never answers is as good as unreachable, and is told apart by no one else. */
export class TooLateError extends Error {
  name = "TooLateError";
  /** As postgres.js calls it; databaseFailure() knows it. */
  readonly code = "CONNECT_TIMEOUT";
}

/** @throws TooLateError when the work takes longer; it goes on, and what becomes of it is not heard any more */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TooLateError("This took too long.")), milliseconds);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
