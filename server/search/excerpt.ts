import { plainText } from "../posts/body.ts";
import { BEGIN, END } from "./search.ts";

/** HTML in which nothing is markup but the marks; they are ours, since no text can hold those characters. */
export const markedExcerpt = (excerpt: string): string =>
  plainText(excerpt)
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll(BEGIN, "<mark>")
    .replaceAll(END, "</mark>");
