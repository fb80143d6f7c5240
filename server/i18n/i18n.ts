import i18next from "i18next";
import { LRUCache } from "lru-cache";
import ar from "./ar.json" with { type: "json" };
import de from "./de.json" with { type: "json" };
import en from "./en.json" with { type: "json" };
import es from "./es.json" with { type: "json" };
import fr from "./fr.json" with { type: "json" };
import uk from "./uk.json" with { type: "json" };

const CATALOGUES = { en, de, fr, es, uk, ar };

/** The languages that the interface speaks. */
export type Language = keyof typeof CATALOGUES;

/** What the interface says, by its name in the catalogues; where that depends on a number, without the form. */
export type Phrase = Formless<keyof typeof en>;
type Formless<Name> = Name extends `${infer Start}_${"one" | "other"}` ? Start : Name;

type Values = Record<string, string | number>;

/** The interface's words for what is in one language, which may be one that it does not speak itself. */
export interface Wording {
  readonly language: Language;
  /** In plain text. Numbers are written as that language does, and `count` chooses the form. */
  say(phrase: Phrase, values?: Values): string;
  /** The phrases whose names begin so, all forms of them, as they stand in the catalogue. */
  startingWith(prefix: string): Record<string, string>;
  /**
   * How long ago something was, as phrases like the catalogue's: `ago-now`, `ago-minute_one` and so on. None in a language
   * that the interface does not speak. From Node's `Intl`, since a phone's takes 25 ms and more to begin.
   */
  readonly ago: Record<string, string>;
  /** The digits of the language, by CLDR's name: `latn`, `arab`. */
  readonly numerals: string;
}

const wordings = new LRUCache<string, Wording>({ max: 100 });

/** @param tag a language by BCP 47, such as `de-AT` */
export function wordingFor(tag: string): Wording {
  const known = wordings.get(tag);
  if (known) return known;
  const made = newWording(tag);
  wordings.set(tag, made);
  return made;
}

/** Which way a language is written. */
export const directionOf = (tag: string): "ltr" | "rtl" =>
  RIGHT_TO_LEFT.has(new Intl.Locale(tag).maximize().script ?? "") ? "rtl" : "ltr";

const RIGHT_TO_LEFT = new Set(["Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg"]);

function newWording(tag: string): Wording {
  const language = nearest(tag);
  const translate = translations.getFixedT(language);
  const numbers = new Intl.NumberFormat(tag);
  return {
    language,
    say: (phrase, values = {}) => translate(phrase, { ...values, numbers }),
    startingWith: (prefix) =>
      Object.fromEntries(Object.entries(CATALOGUES[language]).filter(([name]) => name.startsWith(prefix))),
    ago: new Intl.Locale(tag).language === language ? agoPhrases(tag, numbers) : {},
    numerals: numbers.resolvedOptions().numberingSystem,
  };
}

/** Of each unit the forms that its numbers have: up to 59 minutes, 23 hours and six days. */
function agoPhrases(tag: string, numbers: Intl.NumberFormat): Record<string, string> {
  const forms = new Intl.PluralRules(tag);
  const words = new Intl.RelativeTimeFormat(tag, { style: "short" });
  const phrases: Record<string, string> = {
    "ago-now": new Intl.RelativeTimeFormat(tag, { numeric: "auto" }).format(0, "second"),
  };
  for (const [unit, end] of [
    ["minute", 60],
    ["hour", 24],
    ["day", 7],
  ] as const)
    for (let count = end - 1; count > 0; count--) {
      const said = words.format(-count, unit).replace(numbers.format(count), "{{count, number}}");
      phrases[`ago-${unit}_${forms.select(count)}`] = unit === "day" ? said : said.replace(".", "");
    }
  return phrases;
}

/** The first of some languages by BCP 47 that the interface speaks. */
export const firstSpoken = (tags: readonly string[]): Language | null =>
  tags
    .map((tag) => tag.split("-", 1)[0]!.toLowerCase())
    .find((name): name is Language => Object.hasOwn(CATALOGUES, name)) ?? null;

/** English for all that the interface does not speak. */
function nearest(tag: string): Language {
  const { language } = new Intl.Locale(tag);
  return language in CATALOGUES ? (language as Language) : "en";
}

const translations = i18next.createInstance();
void translations.init({
  resources: Object.fromEntries(
    Object.entries(CATALOGUES).map(([language, catalogue]) => [language, { translation: catalogue }]),
  ),
  initAsync: false,
  fallbackLng: false,
  keySeparator: false,
  nsSeparator: false,
  // Handlebars escapes.
  interpolation: { escapeValue: false },
  parseMissingKeyHandler(phrase) {
    throw new Error(`No catalogue says “${phrase}”`);
  },
});
translations.services.formatter!.add(
  "number",
  (value: number, _language, { numbers }: { numbers: Intl.NumberFormat }) => numbers.format(value),
);
