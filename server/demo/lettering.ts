/**
 * Letters as single strokes with round ends, of our own design, in a box ten units high. The demo's drawings bring
 * their letters along, since a server without any fonts would leave SVG text out.
 */
const BOWLS = "M3.2 0A3.2 5 0 1 0 3.2 10A3.2 5 0 1 0 3.2 0Z";
const GLYPHS: Record<string, readonly [width: number, path: string]> = {
  " ": [4, ""],
  A: [7, "M0 10L3.5 0L7 10M1.2 6.8H5.8"],
  B: [6.1, "M0 4.7H3.4A2.65 2.65 0 0 1 3.4 10H0V0H3.1A2.35 2.35 0 0 1 3.1 4.7"],
  C: [7.4, "M7.3 1.7A4.2 5 0 1 0 7.3 8.3"],
  D: [7.6, "M0 0V10H2.6A5 5 0 0 0 2.6 0Z"],
  E: [5.4, "M5.4 0H0V10H5.4M0 4.8H4.6"],
  F: [5.2, "M5.2 0H0V10M0 4.8H4.4"],
  G: [8.2, "M7.3 1.7A4.2 5 0 1 0 8.2 5.6H5"],
  H: [7, "M0 0V10M7 0V10M0 4.9H7"],
  I: [0.2, "M.1 0V10"],
  J: [4.4, "M4.4 0V7.6A2.2 2.4 0 0 1 0 7.8"],
  K: [6.4, "M0 0V10M6 0L0 6.2M2.3 4L6.4 10"],
  L: [5, "M0 0V10H5"],
  M: [8.4, "M0 10V0L4.2 7L8.4 0V10"],
  N: [7, "M0 10V0L7 10V0"],
  O: [9, "M4.5 0A4.5 5 0 1 0 4.5 10A4.5 5 0 1 0 4.5 0Z"],
  P: [6, "M0 10V0H3.2A2.75 2.75 0 0 1 3.2 5.5H0"],
  Q: [9, "M4.5 0A4.5 5 0 1 0 4.5 10A4.5 5 0 1 0 4.5 0ZM5.6 7.2L8.8 10.6"],
  R: [6.3, "M0 10V0H3.2A2.75 2.75 0 0 1 3.2 5.5H0M3.2 5.5L6.3 10"],
  S: [
    6.2,
    "M5.9 1.9C5.3 .7 4.3 0 3.1 0C1.4 0 .2 1 .2 2.5C.2 5.9 6.2 4.1 6.2 7.4C6.2 9 4.9 10 3.1 10C1.6 10 .5 9.2 0 7.9",
  ],
  T: [7, "M0 0H7M3.5 0V10"],
  U: [6.8, "M0 0V6.6A3.4 3.4 0 0 0 6.8 6.6V0"],
  V: [7, "M0 0L3.5 10L7 0"],
  W: [10.4, "M0 0L2.6 10L5.2 1L7.8 10L10.4 0"],
  X: [6.4, "M0 0L6.4 10M6.4 0L0 10"],
  Y: [6.8, "M0 0L3.4 5.2L6.8 0M3.4 5.2V10"],
  Z: [6.2, "M0 0H6.2L0 10H6.2"],
  0: [6.4, BOWLS],
  1: [2.6, "M0 2L2.6 0V10"],
  2: [6.2, "M.2 2.8A2.9 2.8 0 0 1 6 2.8C6 5 2 7 0 10H6.2"],
  3: [
    6,
    "M.4 1.6C1 .5 2 0 3 0C4.6 0 5.7 1 5.7 2.4C5.7 3.8 4.5 4.7 2.6 4.7C4.7 4.7 6 5.7 6 7.3C6 9 4.7 10 3 10C1.6 10 .5 9.4 0 8.2",
  ],
  4: [6.4, "M4.6 10V0L0 7H6.4"],
  5: [6, "M5.6 0H1L.5 4.6C1.2 4 2.1 3.7 3 3.7C4.8 3.7 6 5 6 6.8C6 8.7 4.7 10 2.9 10C1.6 10 .6 9.4 0 8.3"],
  6: [
    6.1,
    "M5.4 1C4.8 .4 4.2 0 3.3 0C1.2 0 0 2.4 0 6C0 8.6 1.2 10 3.1 10C4.9 10 6.1 8.6 6.1 6.8C6.1 5.1 4.9 3.9 3.2 3.9C1.7 3.9 .5 4.8 0 6.2",
  ],
  7: [6, "M0 0H6L2.2 10"],
  8: [
    6.2,
    "M3.1 4.6C1.5 4.6 .5 3.7 .5 2.3C.5 1 1.5 0 3.1 0C4.7 0 5.7 1 5.7 2.3C5.7 3.7 4.7 4.6 3.1 4.6C1.2 4.6 0 5.7 0 7.3C0 9 1.3 10 3.1 10C4.9 10 6.2 9 6.2 7.3C6.2 5.7 5 4.6 3.1 4.6Z",
  ],
  9: [
    6.1,
    "M.7 9C1.3 9.6 1.9 10 2.8 10C4.9 10 6.1 7.6 6.1 4C6.1 1.4 4.9 0 3 0C1.2 0 0 1.4 0 3.2C0 4.9 1.2 6.1 2.9 6.1C4.4 6.1 5.6 5.2 6.1 3.8",
  ],
  ".": [0.2, "M.1 9.9V10"],
  ",": [0.8, "M.7 9.6L.1 11.4"],
  ":": [0.2, "M.1 3.4V3.5M.1 8.6V8.7"],
  "-": [3.4, "M0 5.2H3.4"],
  "’": [0.2, "M.1 0V2"],
};
const SPACING = 2.6;

export interface Lettering {
  /** Height of the letters. */
  readonly size?: number;
  readonly colour?: string;
  readonly anchor?: "start" | "middle" | "end";
  /** Thickness of the stroke against the height. */
  readonly weight?: number;
  /** Colour of a rim that keeps the letters apart from what lies under them. */
  readonly halo?: string;
}

/** Words at a place, as SVG: `x` where the line starts, centres or ends, and `y` its foot. */
export function letter(x: number, y: number, words: string, options: Lettering = {}): string {
  const { size = 14, colour = "#17323d", anchor = "start", weight = 0.13, halo } = options;
  const glyphs = [...words.toUpperCase()].map((character) => GLYPHS[character] ?? GLYPHS["-"]!);
  const scale = size / 10;
  const width = glyphs.reduce((sum, [wide]) => sum + wide + SPACING, -SPACING) * scale;
  let left = anchor === "start" ? x : anchor === "middle" ? x - width / 2 : x - width;
  const paths = glyphs.map(([wide, path]) => {
    const placed =
      path && `<path transform="translate(${fixed(left)} ${fixed(y - size)}) scale(${scale})" d="${path}"/>`;
    left += (wide + SPACING) * scale;
    return placed;
  });
  const stroke = (paint: string, thickness: number) =>
    `<g fill="none" stroke="${paint}" stroke-width="${thickness}" stroke-linecap="round" stroke-linejoin="round">${paths.join("")}</g>`;
  return (halo ? stroke(halo, 10 * weight + 4.5 / scale) : "") + stroke(colour, 10 * weight);
}

const fixed = (value: number): string => value.toFixed(1);
