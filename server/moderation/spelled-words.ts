import type { Token } from "./folding.ts";
import { Trie } from "./trie.ts";
import type { Match } from "./words.ts";

/** Shorter words would be found in initials and in lists from a) to d). */
const FEWEST_LETTERS = 4;
/** Characters between two letters of one word. */
const WIDEST_GAP = 3;

/**
 * Finds entries whose letters stand apart: `b a d w o r d`, `b.a.d.w.o.r.d`. Only runs of single letters are looked at,
 * and a word has to be all of one but for a letter before and behind it (`I b a d w o r d`), or else the gaps
 * around it have to be wider than those inside: so a longer word spelled out is not taken for one that it contains.
 */
export function spelledFinder(
  lists: readonly { entry: string; tokens: readonly Token[] }[],
): (tokens: readonly Token[], most: number) => Match[] {
  const letters = new Trie();
  for (const { entry, tokens } of lists)
    if (canBeSpelled(tokens)) letters.add(codePoints(tokens.map(({ looks }) => looks).join("")), entry);

  return (tokens, most) => {
    const found: Match[] = [];
    for (const run of runsOfLetters(tokens)) {
      const symbols = run.map(({ looks }) => codePoints(looks));
      for (let first = 0; first < run.length && found.length < most; first++)
        if (mayBegin(run, first)) found.push(...findFrom(run, symbols, first));
    }
    return found;
  };

  function findFrom(run: readonly Token[], symbols: readonly number[][], first: number): Match[] {
    const found: Match[] = [];
    let node: number | undefined = Trie.ROOT;
    let widest = 0;
    for (let last = first; last < run.length; last++) {
      if (last > first) widest = Math.max(widest, run[last]!.gap);
      for (const letter of symbols[last]!) if (node !== undefined) node = letters.step(node, letter);
      if (node === undefined) break;
      const entry = letters.endsAt(node);
      const standsAlone = mayBegin(run, first, widest) && mayEnd(run, last, widest);
      if (entry !== undefined && standsAlone) found.push({ entry, start: run[first]!.start, end: run[last]!.end });
    }
    return found;
  }
}

/** @param widest of the gaps inside */
const mayBegin = (run: readonly Token[], first: number, widest = 1): boolean => first <= 1 || run[first]!.gap > widest;

const mayEnd = (run: readonly Token[], last: number, widest: number): boolean =>
  last >= run.length - 2 || run[last + 1]!.gap > widest;

/** An entry that is written so itself is found as it is. */
function canBeSpelled(tokens: readonly Token[]): boolean {
  const letters =
    tokens
      .map(({ text }) => text)
      .join("")
      .match(/\p{L}/gu) ?? [];
  return letters.length >= FEWEST_LETTERS && tokens.some((token) => token.isUnspaced || !isLetter(token));
}

function* runsOfLetters(tokens: readonly Token[]): Generator<Token[]> {
  let run: Token[] = [];
  for (const token of tokens) {
    const goesOn = isLetter(token) && token.gap >= 1 && token.gap <= WIDEST_GAP;
    if (goesOn && run.length) run.push(token);
    else {
      if (run.length >= FEWEST_LETTERS) yield run;
      run = isLetter(token) ? [token] : [];
    }
  }
  if (run.length >= FEWEST_LETTERS) yield run;
}

/** One letter or digit on its own. */
const isLetter = ({ text }: Token): boolean =>
  text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff);

const codePoints = (text: string): number[] => Array.from(text, (letter) => letter.codePointAt(0)!);
