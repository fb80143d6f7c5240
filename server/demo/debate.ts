import type { Quote } from "../database.ts";
import * as words from "./debate-words.ts";
import { dice } from "./dice.ts";

export const DEBATE_SLUG = "night-trains-bill";

export const DEBATE_TITLE = "The Night Trains Bill: four days in the Assembly of Ostermere";

export const DEBATE_STANDFIRST =
  "Twenty amendments, 199 members and no whip: how the Assembly voted to bring back the trains that were withdrawn eleven years ago. An invented debate in an invented country, from Dateline’s demonstration.";

export interface DebatePost {
  /** How long before the debate's end. */
  readonly minutesToEnd: number;
  readonly by: string;
  readonly headline: string | null;
  readonly body: string;
  readonly quote: Quote | null;
  readonly keyEvent: boolean;
}

type Told = Omit<DebatePost, "minutesToEnd" | "by">;
/** The lists of single sentences. */
type List = { [K in keyof typeof words]: (typeof words)[K] extends readonly string[] ? K : never }[keyof typeof words];
type Values = Record<string, string | number>;

const REPORTERS = ["Ines Calder", "Tomas Brandt", "Ruth Okafor", "Linnea Marsh", "Bastian Hale"];
const SEATS = 199;
const AMENDMENTS_A_DAY = 5;
/** Which post of a day's frame follows the break, and how many minutes it lasts besides the usual wait. */
const RESUMED = 3;
const BREAK = 55;

/** The whole debate, oldest post first: four days of a hundred posts, the same at every call. */
export function debatePosts(): DebatePost[] {
  const teller = new Teller();
  const days = words.DAYS.map((_frame, day) => teller.day(day));
  return days.flatMap((posts, day) => {
    let minutes = (days.length - 1 - day) * 24 * 60;
    const backwards = posts.toReversed().map((post) => {
      const minutesToEnd = minutes;
      minutes += 3 + Math.floor(teller.roll() * 8);
      if (post.body === words.DAYS[day]![RESUMED]![1]) minutes += BREAK;
      return { ...post, minutesToEnd, by: teller.draw("reporters", REPORTERS) };
    });
    return backwards.reverse();
  });
}

/** Draws what is said from the lists of words, each list used up before anything in it comes again. */
class Teller {
  readonly roll = dice(1_871);
  readonly #left = new Map<string, unknown[]>();

  day(day: number): Told[] {
    const [opening, order, pause, resumed, end] = words.DAYS[day]!.map(([headline, body]) => plain(headline, body));
    const numbers = Array.from({ length: AMENDMENTS_A_DAY }, (_, n) => day * AMENDMENTS_A_DAY + n);
    const [first, second, ...others] = numbers.map((n) => this.#amendment(n));
    const rest = [...first!, ...second!, pause!, resumed!, ...others.flat()];
    return [{ ...opening!, keyEvent: true }, order!, ...rest, { ...end!, keyEvent: true }];
  }

  draw<T>(name: string, list: readonly T[]): T {
    if (!this.#left.get(name)?.length) this.#left.set(name, this.#shuffled(list));
    return this.#left.get(name)!.pop() as T;
  }

  /** From the mover's words to the vote, and what was said of it afterwards. */
  #amendment(n: number): Told[] {
    const amendment = words.AMENDMENTS[n]!;
    const no = n + 1;
    const { about, would, pro, contra, said, carried } = amendment;
    const fill = (name: List, more: Values = {}) => this.#fill(this.draw(name, words[name]), { no, ...more });
    const told = (name: List, more?: Values) => plain(null, fill(name, more));
    const middle = [
      ...pro.map((text) => told("SPOKE_FOR", { text })),
      ...contra.map((text) => told("SPOKE_AGAINST", { text })),
      ...[...said, this.draw("SAID", words.SAID)].map((text) => this.#quote(text)),
      ...[this.#question(), this.#question(), told("PROCEDURE"), told("SPEECHES")],
      ...[words.GALLERY, words.MINISTER, words.OUTSIDE].map((list) => plain(null, list[n]!)),
      plain(...words.EXPLAINED[n]!),
    ];
    return [
      plain(`Amendment ${no}: ${about}`, fill("OPENED", { would })),
      ...this.#shuffled(middle),
      told("BELLS"),
      { ...this.#vote(no, amendment), keyEvent: amendment.key ?? false },
      told(carried ? "AFTER_CARRIED" : "AFTER_LOST"),
    ];
  }

  #question(): Told {
    const [question, answers] = this.draw("QUESTIONS", words.QUESTIONS);
    const answer = this.draw(question, [...answers, ...words.ANSWERS]);
    return plain(null, this.#fill(`${this.draw("ASKED", words.ASKED)} ${answer}`, { question }));
  }

  #quote(saying: words.Saying): Told {
    const [text, by] = typeof saying === "string" ? [saying, null] : saying;
    const [name, role] = words.MEMBERS.find((member) => member[0] === by) ?? this.draw("MEMBERS", words.MEMBERS);
    const attribution = { name, role, source: "Assembly of Ostermere", sourceUrl: null };
    return { headline: null, body: "", quote: { text, attribution }, keyEvent: false };
  }

  #vote(number: number, { about, carried }: words.Amendment): Told {
    const rest = 2 + Math.floor(this.roll() * 17);
    const more = Math.ceil((SEATS - rest + 1 + Math.floor(this.roll() * 40)) / 2);
    const less = SEATS - rest - more;
    const [yes, no] = carried ? [more, less] : [less, more];
    const result = this.draw(carried ? "CARRIED" : "LOST", carried ? words.CARRIED : words.LOST);
    const headline = carried ? `Amendment ${number} carried: ${about}` : `Amendment ${number} lost: ${about}`;
    return plain(headline, this.#fill(result, { yes, no, rest: inWords(rest) }));
  }

  #fill(text: string, values: Values): string {
    const all: Values = {
      a: this.#member(),
      b: this.#member(),
      n: inWords(2 + Math.floor(this.roll() * 8)),
      ...values,
    };
    return text.replace(/\{(\w+)\}/g, (_match, name: string) => String(all[name]));
  }

  #member(): string {
    const [name, of] = this.draw("MEMBERS", words.MEMBERS);
    return `${name} (${of})`;
  }

  #shuffled<T>(list: readonly T[]): T[] {
    const keyed = list.map((value) => ({ value, key: this.roll() }));
    return keyed.sort((one, other) => one.key - other.key).map(({ value }) => value);
  }
}

function plain(headline: string | null, body: string): Told {
  return { headline, body, quote: null, keyEvent: false };
}

const inWords = (n: number): string =>
  ["two", "three", "four", "five", "six", "seven", "eight", "nine"][n - 2] ?? String(n);
