import { checkName, type NameError } from "../rules/names.ts";

/** What is wrong with a display name, for people. */
export function nameProblem(name: string): string | null {
  const code = checkName(name);
  return code && SENTENCES[code];
}

const SENTENCES: Record<NameError, string> = {
  "name-too-short": "A name has at least three characters.",
  "name-too-long": "A name has at most 30 characters.",
  "name-invalid-characters": "A name is made of letters, with at most a few numbers and signs among them.",
  "name-mixes-scripts": "A name keeps to one script: Latin letters, or Greek ones, or Cyrillic ones, and so on.",
  "name-is-address": "A name cannot be an address, nor look like one.",
  "name-reserved": "This name could be taken for the newsroom’s. Choose another one.",
};
