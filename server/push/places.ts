/** Messages that are on their way from one server at one time. */
const ALL = 100;
/** To one push service. */
const EACH = 20;
/** To one that has not answered quickly yet, or did not lately; */
const AT_FIRST = 2;
/** and to all of those together. */
const ALL_SLOW = 20;
/** Push services that are remembered. */
const MOST_KNOWN = 10_000;

/**
 * Who may be sent how much at one time. Each quick answer of a push service gives it one place more, and one that is
 * late or missing takes it back to where it began: what is slow waits for itself alone.
 */
export interface Places {
  /** @returns how many more messages each of them may be sent at once; those that may have none are left out */
  offer(origins: readonly string[]): { origin: string; places: number }[];
  take(origin: string): void;
  free(origin: string, wasQuick: boolean): void;
}

export function openPlaces(): Places {
  const taken = new Map<string, number>();
  const earned = new Map<string, number>();
  const takenBy = (origin: string): number => taken.get(origin) ?? 0;
  const sum = (numbers: number[]): number => numbers.reduce((one, other) => one + other, 0);

  return {
    offer(origins) {
      let left = ALL - sum([...taken.values()]);
      let leftForSlow = ALL_SLOW - sum([...taken].map(([origin, places]) => (earned.has(origin) ? 0 : places)));
      const offers = origins.map((origin) => {
        const isSlow = !earned.has(origin);
        const free = (earned.get(origin) ?? AT_FIRST) - takenBy(origin);
        const places = Math.max(0, Math.min(free, left, isSlow ? leftForSlow : free));
        left -= places;
        if (isSlow) leftForSlow -= places;
        return { origin, places };
      });
      return offers.filter(({ places }) => places > 0);
    },
    take: (origin) => void taken.set(origin, takenBy(origin) + 1),
    free(origin, wasQuick) {
      const left = takenBy(origin) - 1;
      if (left > 0) taken.set(origin, left);
      else taken.delete(origin);
      const before = earned.get(origin) ?? AT_FIRST;
      earned.delete(origin);
      if (wasQuick) earned.set(origin, Math.min(EACH, before + 1));
      if (earned.size > MOST_KNOWN) earned.delete(earned.keys().next().value!);
    },
  };
}
