/** A quotation and who said it, as they may stand in a pasted passage. */
export interface SplitQuote {
  text: string;
  name: string;
  role: string;
}

const OPEN = '“„"«»‚‘';
const QUOTED = /[“„"«»‟]\s*([^“„"«»”‟]{12,}?)\s*[”“"»«‟]/gu;
/** Words that stand between a quotation and its speaker. */
const SAID =
  "said|says|told|added|adds|explained|announced|wrote|tweeted|posted|warned|insisted|replied|asked|noted|stated|confirmed|declared|according to|sagte?|erklärte?|schrieb|betonte|teilte|so|a dit|dit|déclare|a déclaré|dijo|afirmó|ha detto|dice|zei|zegt";
const NAME =
  "\\p{Lu}[\\p{L}’'.-]+(?:\\s+(?:(?:van|von|de|der|den|del|di|da|la|le|bin|al|of)\\s+)*\\p{Lu}[\\p{L}’'.-]*){0,4}";

const AFTER = new RegExp(
  `^[\\s,.!?;]*(?:(?:(?:he|she|they|und|and)\\s+)?(?:${SAID})\\s+)?[—–-]?\\s*(?:by\\s+)?(${NAME})(?:\\s+(?:${SAID})\\b)?(?:,\\s*([^.:;\\n“„"«»]{3,160}?))?(?:\\s+(?:${SAID})\\b[^.\\n]*)?[.)]?\\s*$`,
  "u",
);
const AFTER_ROLE_FIRST = new RegExp(
  `^[\\s,.!?;]*(?:${SAID})\\s+((?:the\\s+)?\\p{Ll}[\\p{L}’' -]{2,80}?)\\s+(${NAME})[.)]?\\s*$`,
  "u",
);
const BEFORE_COLON = new RegExp(
  `^\\s*(${NAME})(?:\\s*,\\s*([^:“„"«»]{3,160}?))?(?:\\s*,)?(?:\\s+(?:${SAID})[^:“„"«»]{0,40})?\\s*[:,]\\s*$`,
  "u",
);
const ROLE_BEFORE_COLON = /^\s*([^:/“„"«»\n]{3,120}?)\s*\/\s*([^:/“„"«»\n]{3,120}?)\s*:\s*$/u;

/**
 * Finds “…”, said X, role / X, role: »…« / "…" — X. It only guesses, and for one quotation with one speaker; anything
 * else is no quote to it.
 */
export function splitQuote(passage: string): SplitQuote | null {
  const given = passage.replace(/\s+/g, " ").trim();
  if (given.length > 3_000 || !new RegExp(`[${OPEN}]`, "u").test(given)) return null;
  const quoted = [...given.matchAll(QUOTED)];
  const first = quoted[0];
  const last = quoted.at(-1);
  if (!first || !last || quoted.length > 2) return null;
  const before = given.slice(0, first.index);
  const after = given.slice(last.index + last[0].length);
  const between = quoted.length === 2 ? given.slice(first.index + first[0].length, last.index) : "";
  if (before.length + after.length > 400) return null;
  const speaker = before.trim()
    ? after.replace(/[\s.)]/g, "") === "" && quoted.length === 1 && speakerBefore(before)
    : quoted.length === 2
      ? after.replace(/[\s.)]/g, "") === "" && speakerAfter(between)
      : speakerAfter(after);
  if (!speaker) return null;
  const [one, other] = quoted.map(([, words]) => words!.trim()) as [string, string?];
  const text = !other ? one : `${/^\p{Lu}/u.test(other) ? one.replace(/,$/, ".") : one} ${other}`;
  // “It is over,” she said: the comma belongs to the sentence around it.
  return { text: quoted.length === 1 ? text.replace(/,$/, "") : text, ...speaker };
}

function speakerAfter(text: string): Omit<SplitQuote, "text"> | null {
  const roleFirst = AFTER_ROLE_FIRST.exec(text);
  if (roleFirst) return { name: roleFirst[2]!.replace(/[.,]$/, ""), role: withoutArticle(roleFirst[1]!) };
  const found = AFTER.exec(text);
  if (!found?.[1]) return null;
  return { name: found[1].replace(/[.,]$/, ""), role: withoutArticle(found[2] ?? "") };
}

function speakerBefore(text: string): Omit<SplitQuote, "text"> | null {
  const parted = ROLE_BEFORE_COLON.exec(text);
  if (parted) return { role: parted[1]!, name: parted[2]! };
  const found = BEFORE_COLON.exec(text);
  return found?.[1] ? { name: found[1], role: withoutArticle(found[2] ?? "") } : null;
}

const withoutArticle = (role: string): string =>
  role
    .trim()
    .replace(/^the\s+/i, "")
    .replace(/[,.]$/, "");
