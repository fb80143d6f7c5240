import { tokenizer, tokensOf, type Token } from "./folding.ts";
import { spelledFinder } from "./spelled-words.ts";
import { Trie } from "./trie.ts";

/** An entry that a text contains; `start` and `end` are UTF-16 offsets in the text as it was given. */
export interface Match {
  readonly entry: string;
  readonly start: number;
  readonly end: number;
}

export interface Matcher {
  /** In the order of the text, the first 100 at most. The same text has the same matches each time. */
  matches(text: string): Match[];
}

/** Enough to mark for a moderator. */
const MOST_MATCHES = 100;

/**
 * Finds words and phrases whatever is between their words (`french.fries` is `french fries`), whatever their case, their
 * accents and the look-alikes they are written with, and also with their letters spaced apart. A word is found as a
 * whole, never inside another; where a script has no spaces between words, anywhere. The time it takes grows with the
 * text, not with the list, and no text can make it long: nothing is tried twice.
 * @param entries as `checkEntries` gave them
 */
export function compile(entries: readonly string[]): Matcher {
  const words = new Words();
  const phrases = new Trie();
  const split = tokenizer();
  const lists = entries.map((entry) => ({ entry, tokens: split(entry) })).filter(({ tokens }) => tokens.length);
  for (const { entry, tokens } of lists)
    phrases.add(
      tokens.map((token) => words.add(token)),
      entry,
    );
  const findSpelled = spelledFinder(lists);
  return {
    matches(text) {
      const tokens = tokensOf(text);
      const symbols = tokens.map((token) => words.find(token));
      const found = [...findPhrases(phrases, tokens, symbols), ...findSpelled(tokens, MOST_MATCHES)];
      return found.sort((a, b) => a.start - b.start || a.end - b.end).slice(0, MOST_MATCHES);
    },
  };
}

function findPhrases(phrases: Trie, tokens: Token[], symbols: (number | undefined)[]): Match[] {
  const found: Match[] = [];
  for (let first = 0; first < tokens.length && found.length < MOST_MATCHES; first++) {
    let node: number | undefined = Trie.ROOT;
    for (let at = first; at < tokens.length; at++) {
      const symbol = symbols[at];
      if (symbol === undefined || (at > first && !goesOn(tokens[at - 1]!, tokens[at]!))) break;
      node = phrases.step(node, symbol);
      if (node === undefined) break;
      const entry = phrases.endsAt(node);
      if (entry !== undefined) found.push({ entry, start: tokens[first]!.start, end: tokens[at]!.end });
    }
  }
  return found;
}

/** Without spaces between words, a comma or a full stop is all that keeps two of them apart. */
const goesOn = (before: Token, token: Token): boolean => !(before.isUnspaced && token.isUnspaced) || token.gap === 0;

/** A number for each word of the entries. */
class Words {
  readonly #byText = new Map<string, number>();
  readonly #byLooks = new Map<string, number>();

  add({ text, looks }: Token): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const symbol = this.#byText.size;
    this.#byText.set(text, symbol);
    // Where a Russian and an English word look the same, what is neither counts as the English one.
    if (text === looks || !this.#byLooks.has(looks)) this.#byLooks.set(looks, symbol);
    return symbol;
  }

  /** By what is written, or else by what it looks like. */
  find({ text, looks }: Token): number | undefined {
    return this.#byText.get(text) ?? this.#byLooks.get(looks);
  }
}
