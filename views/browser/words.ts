/** Below this no language that has our digits groups them. */
const UNGROUPED = 1_000;

/** The phrases that the page has brought along, and the text that they were read from. */
let words: Record<string, string> = {};
let source: string | null = null;

/**
 * Says something in the language of the page, which brings along what its script may have to say: server/i18n/, phrases
 * that begin with `live.`. `count` chooses the form. Nothing is said where the page has not brought the phrase.
 */
export function say(phrase: string, values: Record<string, string | number> = {}): string {
  const block = document.getElementById("words");
  if (!block) return "";
  if (block.textContent !== source) words = JSON.parse((source = block.textContent)) as typeof words;
  const form = "count" in values ? `_${new Intl.PluralRules(block.lang).select(values.count as number)}` : "";
  // A page may outlive the version of Dateline that it is of.
  return (words[phrase + form] ?? "").replace(/{{(\w+)(?:, number)?}}/g, (_, name: string) => {
    const value = values[name]!;
    return typeof value === "number" ? written(value, block.dataset.numerals) : value;
  });
}

/** Most numbers are small, and to have a phone's `Intl` write the first takes 25 ms and more. */
const written = (value: number, numerals: string | undefined): string =>
  numerals === "latn" && value < UNGROUPED
    ? String(value)
    : new Intl.NumberFormat(document.documentElement.lang).format(value);
