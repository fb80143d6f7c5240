import { z } from "zod";

/** Postgres refuses NUL, and neither it nor JSON can carry half a character; other controls have no place in text. */
// oxlint-disable-next-line no-control-regex -- finding control characters is its purpose
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

const wellFormed = (text: string): boolean => text.isWellFormed() && !CONTROLS.test(text);
/** What is left when spaces and characters without any shape are taken away. */
const visible = (text: string): boolean => text.replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, "") !== "";

/** Text over several lines, up to `max` characters. */
export const prose = (max: number) => z.string().max(max).refine(wellFormed, "invalid-characters");

/** One line of text with something in it. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .refine(wellFormed, "invalid-characters")
    .refine((text) => !/[\n\r]/.test(text), "one-line-only")
    .refine(visible, "empty");

/** One line that may be empty. */
export const optionalLine = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .refine((text) => wellFormed(text) && !/[\n\r]/.test(text), "invalid-characters");

/** Several lines with something in them. */
export const text = (max: number) => prose(max).trim().refine(visible, "empty");

export const slug = z
  .string()
  .max(80)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);

/** An id as the API hands it out: a bigint in digits. */
export const id = z.string().regex(/^[1-9]\d{0,17}$/);

export const webUrl = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .refine(wellFormed, "invalid-characters");

export const language = z
  .string()
  .max(35)
  .refine((tag) => {
    try {
      return Intl.getCanonicalLocales(tag).length === 1;
    } catch {
      return false;
    }
  }, "unknown-language");

export const timeZone = z
  .string()
  .max(60)
  .refine((zone) => {
    try {
      return Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
    } catch {
      return false;
    }
  }, "unknown-time-zone");

/** RFC 3339 with an offset; a date that does not exist is refused instead of rolled over. */
export const time = z.iso.datetime({ offset: true }).transform((value) => new Date(value));

/** How many of a list to send. */
export const limit = (most: number, usual: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .transform(Number)
    .pipe(z.number().max(most))
    .default(usual);
