/**
 * Says something in the language of the page, which brings along what its script may have to say: server/i18n/, phrases
 * that begin with `live.`. `count` chooses the form.
 */
export function say(phrase: string, values: Record<string, string | number> = {}): string {
  const block = document.getElementById("words")!;
  const words = JSON.parse(block.textContent) as Record<string, string>;
  const form = "count" in values ? `_${new Intl.PluralRules(block.lang).select(values.count as number)}` : "";
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  // A page may outlive the version of Dateline that it is of.
  return (words[phrase + form] ?? "").replace(/{{(\w+)(?:, number)?}}/g, (_, name: string) => {
    const value = values[name]!;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}
