/** What moderators' codes for a rejection mean; others are shown as they are. */
const REASONS: Record<string, string> = {
  offensive: "It is offensive.",
  abuse: "It attacks somebody.",
  harassment: "It attacks somebody.",
  hate: "It is hateful.",
  "hate-speech": "It is hateful.",
  spam: "It is advertising or spam.",
  ad: "It is advertising.",
  "banned-word": "It has a word in it that is not used here.",
  "off-topic": "It is about something else.",
  irrelevant: "It is about something else.",
  illegal: "It may be against the law.",
  legal: "It may be against the law.",
  misinformation: "It says something that is not so.",
  privacy: "It tells what is private about somebody.",
  "personal-data": "It tells what is private about somebody.",
  "personal-information": "It tells what is private about somebody.",
  banned: "Its author cannot comment any more.",
  other: "It goes against the rules of this discussion.",
};

export const reasonWords = (code: string): string => REASONS[code] ?? `The reason: ${code}.`;
