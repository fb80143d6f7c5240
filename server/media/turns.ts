import { unavailable } from "../errors.ts";

/**
 * Lets so many pieces of work run at once; the others wait their turn, in order.
 * @param most that may wait; more are told to try again, since each holds a whole picture in memory
 */
export function turns(atOnce: number, most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (waiting.length >= most) throw unavailable("Too many pictures are being worked on at the moment.");
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      // Whoever is next takes over this place, so that nobody can slip in between.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
