import { z } from "zod";

/** What the site around a frame decides of its look. */
export const theme = {
  theme: z.enum(["light", "dark", "auto"]).optional(),
  /** A colour as CSS has it, without the #. */
  accent: z
    .string()
    .regex(/^(?:[0-9a-f]{3}|[0-9a-f]{6})$/i)
    .transform((hex) => (hex.length === 3 ? hex.replace(/./g, "$&$&") : hex).toLowerCase())
    .optional(),
};

export const themeQuery = z.strictObject(theme);

type Look = z.output<typeof themeQuery>;
type Rgb = [number, number, number];

/** WCAG's contrast for words, which a colour of somebody else's has to have on our paper. */
const LEGIBLE = 4.5;

/**
 * The difference between the readers' stylesheet and what a frame is to look like: one of its two palettes, or another
 * accent, made darker or lighter until words in it can be read.
 * @param stylesheet with the light palette in its first `:root`, and the dark one in its second
 */
export function themeCss(stylesheet: string, { theme = "auto", accent }: Look): string {
  const [light, dark] = [...stylesheet.matchAll(/:root\s*{([^}]*)}/g)].map(([, rules]) => rules!.trim()) as [
    string,
    string,
  ];
  const accented = (palette: string): string => (accent ? accentOn(paperOf(palette), accent) : "");
  // Twice the same selector weighs more than what the reader's own preference chooses.
  if (theme === "light") return `:root:root{color-scheme:light;${light}${accented(light)}}`;
  if (theme === "dark") return `:root:root{${dark}color-scheme:dark;${accented(dark)}}`;
  return `:root:root{${accented(light)}}@media (prefers-color-scheme:dark){:root:root{${accented(dark)}}}`;
}

function accentOn(paper: Rgb, accent: string): string {
  const away: Rgb = luminance(paper) > 0.5 ? [0, 0, 0] : [255, 255, 255];
  let colour = rgbOf(accent);
  while (contrast(colour, paper) < LEGIBLE)
    colour = colour.map(
      (part, n) => part + Math.sign(away[n]! - part) * Math.ceil(Math.abs(away[n]! - part) / 16),
    ) as Rgb;
  const [white, black]: Rgb[] = [
    [255, 255, 255],
    [0, 0, 0],
  ];
  const on = contrast(colour, white!) >= contrast(colour, black!) ? "#fff" : "#000";
  return `--accent:rgb(${colour.join(" ")});--on-accent:${on};`;
}

const paperOf = (palette: string): Rgb => rgbOf(/--paper:\s*#([0-9a-f]{6}|[0-9a-f]{3})\b/i.exec(palette)?.[1] ?? "fff");

const rgbOf = (hex: string): Rgb =>
  (hex.length === 3 ? hex.replace(/./g, "$&$&") : hex).match(/../g)!.map((part) => Number.parseInt(part, 16)) as Rgb;

/** By WCAG's formulas. */
function contrast(one: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
