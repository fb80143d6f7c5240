/** By time, then by id, both as numbers: a post's or comment's place is `<milliseconds>-<id>`. */
export function comparePlaces(one: string, other: string): number {
  const [at = 0, id = 0] = one.split("-").map(Number);
  const [otherAt = 0, otherId = 0] = other.split("-").map(Number);
  return at - otherAt || id - otherId;
}
