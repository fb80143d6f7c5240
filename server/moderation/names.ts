import { tokensOf } from "./folding.ts";
import { FILLERS, ROLES, TITLES } from "./reserved-names.ts";
import { isOfOneScript } from "./scripts.ts";

export type NameError =
  | "name-too-short"
  | "name-too-long"
  | "name-invalid-characters"
  | "name-mixes-scripts"
  | "name-is-address"
  | "name-reserved";

/** Graphemes. */
const SHORTEST = 3;
const LONGEST = 30;
/** Graphemes, where one of them is a syllable or a word: most Chinese names have two or three. */
const SHORTEST_OF_SYLLABLES = 2;
const SYLLABLES = /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]+$/u;

/** The form in which a name is kept: NFKC, with single spaces inside and none around it. */
export const cleanName = (name: string): string => name.normalize("NFKC").replace(/\s+/g, " ").trim();

/**
 * Whether a person may be called so in public, by whatever way the name came (sign-up, single sign-on, a command).
 * @returns null, or why not; the name is judged as `cleanName` gives it
 */
export function checkName(name: string): NameError | null {
  // Nothing of any length goes through what follows; no grapheme of a fit name is longer than this.
  if (name.length > LONGEST * 16) return "name-too-long";
  const clean = cleanName(name);
  if (!isFitText(clean)) return "name-invalid-characters";
  const length = graphemes(clean);
  if (length > LONGEST) return "name-too-long";
  if (length < (SYLLABLES.test(clean) ? SHORTEST_OF_SYLLABLES : SHORTEST)) return "name-too-short";
  if (!isOfOneScript(clean)) return "name-mixes-scripts";
  if (ADDRESS.test(clean)) return "name-is-address";
  return isReserved(clean) ? "name-reserved" : null;
}

/**
 * What two names have in common that readers could take for one another, for a unique column: no case, accents, spaces
 * and signs; look-alikes are one letter, and so are I, l and 1, O and 0, rn and m, vv and w.
 */
export function nameSkeleton(name: string): string {
  return tokensOf(name)
    .map(({ looks }) => looks)
    .join("")
    .replace(/[i1]/g, "l")
    .replace(/0/g, "o")
    .replace(/rn/g, "m")
    .replace(/vv/g, "w");
}

/** Controls, halves of characters, what has no shape, turns the direction, is not assigned or private. */
const UNFIT = /[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/u;
/** More than two accents on a letter; signs of Thai, Burmese or Hindi, which are marks as well, come in fours. */
const TOO_MANY_MARKS = /(?:(?=\p{M})\p{Script=Inherited}){3}|\p{M}{6}/u;

/** Something of it must be a letter. */
const isFitText = (name: string): boolean => !UNFIT.test(name) && !TOO_MANY_MARKS.test(name) && /\p{L}/u.test(name);

/** An e-mail address, or what is commonly a web address: `J.Smith` and `she/her` are none, `smith.com` is one. */
const ADDRESS = new RegExp(
  [
    String.raw`\S@\S+\.`,
    String.raw`:\/\/`,
    String.raw`\bwww\.`,
    String.raw`[\p{L}\p{N}]\.\p{L}{2,}\/`,
    String.raw`[\p{L}\p{N}]\.(?:com|net|org|info|biz|news|online|site|shop|store|club|link|live|top|xyz|app|dev)\b`,
    String.raw`[\p{L}\p{N}]\.(?:tv|io|co|me|ru|cn|de|fr|uk|eu|nl|ly|to|gg)$`,
  ].join("|"),
  "iu",
);

const [titles, roles, fillers] = [TITLES, ROLES, FILLERS].map(
  (words) => new Set(words.split(" ").map(nameSkeleton)),
) as [Set<string>, Set<string>, Set<string>];

/** `Moderator 2`, `a d m i n`, `The Editor` and `Аdmin` with a Cyrillic А are; `Joe Root` is not. */
function isReserved(name: string): boolean {
  const whole = nameSkeleton(name.replace(/[\p{N}\p{P}\s]+$/u, ""));
  if (titles.has(whole) || roles.has(whole)) return true;
  const words = tokensOf(name)
    .filter(({ text }) => !/^\p{N}+$/u.test(text))
    .map(({ text }) => nameSkeleton(text));
  if (words.some((word) => titles.has(word))) return true;
  return words.some((word) => roles.has(word)) && words.every((word) => roles.has(word) || fillers.has(word));
}

const graphemes = (text: string): number => [...new Intl.Segmenter().segment(text)].length;
