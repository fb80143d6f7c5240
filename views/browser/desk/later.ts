import { tell } from "./tell.ts";

/** Fetches a part of the script that few need, and uses it; a phone without a connection is told so. */
export async function later<T>(load: () => Promise<T>, use: (module: T) => unknown): Promise<void> {
  const module = await load().catch(() => null);
  if (module) await use(module);
  else tell("This part of the desk could not be fetched. Try again when there is a connection.");
}
