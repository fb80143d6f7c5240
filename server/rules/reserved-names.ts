import { tokensOf } from "./folding.ts";

/** Nobody is called so but those who would speak for the newsroom: reserved wherever they stand in a name. */
const TITLES = "admin administrator administrators admins dateline moderator moderators newsroom sysadmin webmaster";
/** Reserved alone and with each other, for they are surnames too or parts of fair names. */
const ROLES =
  "anonymous bot deleted desk editor editorial editors everyone former guest help host mod mods news newsdesk nobody " +
  "null owner postmaster reader removed reporter root security staff support system team undefined unknown user";
/** What makes no difference beside those. */
const FILLERS = "a account by chief in of official our real site the this";

/**
 * Whether readers could take the name for the newsroom or for an account that is gone: `Dateline`, `the editor`,
 * `St4ff`? — no, but `Аdmin` with a Cyrillic А, `a d m i n` and `Moderator 2`.
 * @param skeletonOf gives look-alikes one form
 */
export function isReserved(name: string, skeletonOf: (text: string) => string): boolean {
  const skeletons = (words: string): Set<string> => new Set(words.split(" ").map(skeletonOf));
  const [titles, roles, fillers] = [skeletons(TITLES), skeletons(ROLES), skeletons(FILLERS)];
  const whole = skeletonOf(name.replace(/[\p{N}\p{P}\s]+$/u, ""));
  if (titles.has(whole) || roles.has(whole)) return true;
  const words = tokensOf(name)
    .filter(({ text }) => !/^\p{N}+$/u.test(text))
    .map(({ text }) => skeletonOf(text));
  if (words.some((word) => titles.has(word))) return true;
  return words.some((word) => roles.has(word)) && words.every((word) => roles.has(word) || fillers.has(word));
}
