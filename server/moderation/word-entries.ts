import { tokenizer, type Token } from "./folding.ts";

/** Entries of one list. */
export const MOST_ENTRIES = 5_000;
/** Characters (code points) of one entry. */
export const LONGEST_ENTRY = 100;

export interface EntryError {
  /** In the list as it was given. */
  readonly index: number;
  readonly code: "empty" | "too-long" | "no-letters-or-digits" | "invalid-characters" | "too-many";
}

export interface CheckedEntries {
  /** What cannot be compiled; with any of them, the list that there is stays. "too-many" stands once, at the first. */
  readonly errors: EntryError[];
  /** What to keep: trimmed, each once. */
  readonly entries: string[];
  /** Indexes of those left out since an earlier one matches the same, such as `Café` after `cafe`. */
  readonly duplicates: number[];
}

/** Looks through a list of words and phrases before it is saved. */
export function checkEntries(given: readonly string[]): CheckedEntries {
  const errors: EntryError[] = [];
  const entries: string[] = [];
  const duplicates: number[] = [];
  const seen = new Set<string>();
  const split = tokenizer();
  for (const [index, text] of given.slice(0, MOST_ENTRIES).entries()) {
    const entry = text.trim();
    const code = errorOf(entry, split);
    if (code) {
      errors.push({ index, code });
      continue;
    }
    const key = split(entry)
      .map((token) => token.text)
      .join(" ");
    if (seen.has(key)) duplicates.push(index);
    else entries.push(entry);
    seen.add(key);
  }
  if (given.length > MOST_ENTRIES) errors.push({ index: MOST_ENTRIES, code: "too-many" });
  return { errors, entries, duplicates };
}

function errorOf(entry: string, split: (text: string) => Token[]): EntryError["code"] | null {
  if (entry === "") return "empty";
  // Before anything else is done with it, since it can be of any length.
  if (entry.length > 2 * LONGEST_ENTRY || [...entry].length > LONGEST_ENTRY) return "too-long";
  if (!entry.isWellFormed() || /\p{Cc}/u.test(entry)) return "invalid-characters";
  return split(entry).length ? null : "no-letters-or-digits";
}
