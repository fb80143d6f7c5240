import { compile } from "../../server/moderation/words.ts";
import { tokensOf } from "../../server/moderation/folding.ts";
import { ms, percentile, type Line } from "../bench.ts";
import { STORY_POSTS, storyText } from "../story.ts";

/** Entries of a word list at most, and the characters of a text that is far longer than any comment may be. */
const ENTRIES = 5_000;
const CHARACTERS = 5_000;
/** Milliseconds. */
const GOAL = 5;

/** The longest list of words against long texts: ordinary ones, and what somebody would write to keep us busy. */
export const words: Line = async ({ quick }, add) => {
  const story = STORY_POSTS.map((_, n) => storyText(n, "").replace(/<[^>]*>/g, " ")).join("\n");
  const began = performance.now();
  const matcher = compile(entriesFrom(story));
  add({ what: `a list of ${ENTRIES} words and phrases made ready, once`, dateline: ms(performance.now() - began) });
  const texts = {
    "ordinary text": story.slice(-CHARACTERS),
    "text all of Cyrillic look-alikes": "оrdіnаrу ".repeat(CHARACTERS / 9),
    "letters all spaced apart": "b a d w o r d x ".repeat(CHARACTERS / 16),
    "… and as many words in them as can be": "b a d w o r d   ".repeat(CHARACTERS / 16),
    "the longest phrase but its end, again and again": "very ".repeat(CHARACTERS / 5),
    "marks piled on one letter": `a${"\u0301".repeat(CHARACTERS - 1)}`,
  };
  for (const [what, text] of Object.entries(texts)) {
    const times = Array.from({ length: quick ? 50 : 500 }, () => {
      const began = performance.now();
      matcher.matches(text);
      return performance.now() - began;
    });
    const p50 = percentile(times, 0.5);
    add({
      what: `… ${text.length} characters, ${what}: p50 / p99`,
      dateline: `${p50.toFixed(2)} / ${percentile(times, 0.99).toFixed(2)} ms`,
      goal: `p50 ≤ ${GOAL} ms`,
      met: p50 <= GOAL,
    });
  }
};

/** Words and phrases of the story that do not occur in it, and two that are there to be nearly found. */
function entriesFrom(story: string): string[] {
  const words = [...new Set(tokensOf(story).map(({ text }) => text))];
  const made = Array.from({ length: ENTRIES - 2 }, (_, n) => {
    const word = words[n % words.length]!;
    return n % 3 ? `${word}${n}x` : `${word} ${words[(n * 7) % words.length]!} zz${n}`;
  });
  return ["badword", `${"very ".repeat(19)}good`, ...made];
}
