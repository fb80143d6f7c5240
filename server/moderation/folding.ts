import { LETTER_LIKE } from "./look-alikes.ts";

/** A run of letters, a run of digits, or one character of a script that is written without spaces. */
export interface Token {
  /** Without case, accents and anything invisible. */
  readonly text: string;
  /** The same by its looks: Cyrillic or Greek letters that look like Latin ones are those. */
  readonly looks: string;
  /** Where it stands in the original text, in UTF-16 units; `end` is the first one behind it. */
  readonly start: number;
  readonly end: number;
  /** How many visible characters or spaces are between it and the token before it. */
  readonly gap: number;
  /** Whether its script has no spaces between words (Chinese, Japanese, Thai …). */
  readonly isUnspaced: boolean;
}

/**
 * Text made comparable: NFKC, without case, accents, soft hyphens and whatever is invisible, each look-alike (UTS #39)
 * as the letter that it looks like, and each run of white space as one space. For comparing only, never for showing.
 */
export function fold(text: string): string {
  const parts = folder();
  let folded = "";
  for (const character of text) for (const part of parts(character)) folded += part.looks;
  return folded.replace(/\s+/g, " ").trim();
}

/** The words of a text, in order; what is neither letter nor digit is between them. */
export const tokensOf = (text: string): Token[] => tokenizer()(text);

/** `tokensOf` for many texts one after another: it remembers what each character comes to, as long as it is kept. */
export function tokenizer(): (text: string) => Token[] {
  const parts = folder();
  return (text) => split(text, parts);
}

function split(text: string, parts: Folder): Token[] {
  const tokens: Writable<Token & { kind: Kind }>[] = [];
  let gap = 0;
  let at = 0;
  for (const character of text) {
    const end = at + character.length;
    for (const { text, looks, kind } of parts(character)) {
      const last = tokens.at(-1);
      if (kind === "accent") {
        // Marked together with its letter.
        if (last?.end === at) last.end = end;
      } else if (kind === "between") gap++;
      else if (last && gap === 0 && last.kind === kind && kind !== "unspaced") {
        last.text += text;
        last.looks += looks;
        last.end = end;
      } else {
        tokens.push({ text, looks, start: at, end, gap, isUnspaced: kind === "unspaced", kind });
        gap = 0;
      }
    }
    at = end;
  }
  return tokens;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

type Kind = "letter" | "digit" | "unspaced" | "between" | "accent";

interface Part {
  readonly text: string;
  readonly looks: string;
  readonly kind: Kind;
}

/** What each character comes to; a text has few different ones, so each is looked at once. */
type Folder = (character: string) => readonly Part[];

function folder(): Folder {
  const known = new Map<string, readonly Part[]>();
  return (character) => {
    let parts = known.get(character);
    if (!parts) known.set(character, (parts = partsOf(character)));
    return parts;
  };
}

/** None, for what is invisible; more than one, for a ligature or a fraction. */
function partsOf(character: string): Part[] {
  const parts: Part[] = [];
  for (const part of character.normalize("NFKD")) {
    if (INVISIBLE.test(part)) continue;
    // By way of upper case: ß is SS there, and both forms of a small sigma are one.
    const lower = part.toUpperCase().toLowerCase();
    const looks = LETTER_LIKE.get(part) ?? LETTER_LIKE.get(lower) ?? lower;
    const kind = kindOf(part, looks);
    if (kind === "accent") parts.push({ text: "", looks: "", kind });
    else parts.push({ text: LETTER.test(part) ? lower : looks, looks, kind });
  }
  return parts;
}

const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/u;
const LETTER = /[\p{L}\p{M}]/u;
/**
 * Marks that a word can do without. The vowels of Indic scripts are marks as well, but not these; and the two of the
 * kana, U+3099 and U+309A, make other sounds of them.
 */
const ACCENT =
  /^(?=[\p{Mn}\p{Me}])(?![\u3099\u309a])[\p{Script=Inherited}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}]$/u;
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Tibetan}]/u;

function kindOf(part: string, looks: string): Kind {
  if (ACCENT.test(part)) return "accent";
  const isDigit = /\p{N}/u.test(part);
  if (!isDigit && !LETTER.test(looks)) return "between";
  if (UNSPACED.test(part)) return "unspaced";
  return isDigit ? "digit" : "letter";
}
