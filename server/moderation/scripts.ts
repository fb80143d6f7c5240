/** Scripts in common use today: the recommended and the limited-use ones of UAX #31. */
const SCRIPTS =
  "Adlam Arabic Armenian Balinese Bengali Bopomofo Canadian_Aboriginal Chakma Cherokee Cyrillic Devanagari Ethiopic " +
  "Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew Hiragana Javanese Kannada Katakana Khmer Lao Latin Limbu Lisu " +
  "Malayalam Meetei_Mayek Mongolian Myanmar Newa Nko Ol_Chiki Oriya Osage Sinhala Sundanese Syriac Tamil Telugu Thaana " +
  "Thai Tibetan Tifinagh Vai Yi";
/** Written together, Latin among them: Japanese, Chinese with its phonetic letters, Korean. */
const TOGETHER = ["Latin Han Hiragana Katakana", "Latin Han Bopomofo", "Latin Han Hangul"];

/** Common and inherited characters (digits, spaces, signs, accents) go with every script. */
const PROFILES = [...TOGETHER, ...SCRIPTS.split(" ")].map(
  (scripts) =>
    new RegExp(
      `^[\\p{scx=Common}\\p{scx=Inherited}${scripts.replace(/\S+ ?/g, (name) => `\\p{scx=${name.trim()}}`)}]*$`,
      "u",
    ),
);

/** Whether a text is Highly Restrictive by UTS #39: of one script, or of those that are written together. */
export const isOfOneScript = (text: string): boolean => PROFILES.some((profile) => profile.test(text));
