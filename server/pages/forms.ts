import express, { type Request } from "express";
import { forbidden } from "../errors.ts";

/** For plain forms, which work without a script. */
export const readForm = express.urlencoded({ extended: false, limit: "16kb", inflate: false });

/** A form on another site must not do anything here in somebody's name. */
export function requireOwnForm(publicUrl: string, request: Request): void {
  const site = request.get("Sec-Fetch-Site");
  const origin = request.get("Origin");
  const own = origin === publicUrl || origin === `${request.protocol}://${request.host}`;
  if (site === "same-origin" || (site === undefined && own)) return;
  throw forbidden("Do this on Dateline's own page.");
}

/**
 * Where to go on: a path of this server and nothing else, lest a link to one of these pages leads elsewhere.
 * @returns "" for anything else
 */
export function ownPath(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])[\x21-\x7e]{0,500}$/.test(next) && !next.includes("\\") ? next : "";
}

/** What the page that sent somebody here has to say: one of these sentences, or nothing. */
export const noteOf = (notes: Record<string, string>, note: unknown): string | null =>
  typeof note === "string" && Object.hasOwn(notes, note) ? notes[note]! : null;

/** Half a second. */
const STEP = 500;

/**
 * The work's answer at a full half second, so that how long it took tells nothing of what it found: whether an e-mail
 * address has an account.
 */
export async function inEvenTime<T>(work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    const rest = STEP - ((performance.now() - began) % STEP);
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
}

export const tooManyTries = (seconds: number): string =>
  `Too many tries. Wait ${seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`} and try again.`;
