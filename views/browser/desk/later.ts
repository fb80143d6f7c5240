import { tell } from "./tell.ts";

/**
 * Fetches a part of the script that few need, and uses it; a phone without a connection is told so.
 * @returns what the use of it gave; undefined when it could not be fetched
 */
export async function later<T, R>(load: () => Promise<T>, use: (module: T) => R): Promise<Awaited<R> | undefined> {
  const module = await load().catch(() => null);
  if (module) return await use(module);
  tell("This part of the desk could not be fetched. Try again when there is a connection.");
  return undefined;
}
