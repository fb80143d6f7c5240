import sharp from "sharp";
import type { Db } from "../database.ts";
import { keepFiles, type KeptFiles } from "../media/keeping.ts";
import { makeSizes } from "../media/sizes.ts";
import type { PictureStore } from "../media/store.ts";
import { minutesBefore, onTheClock } from "./cast.ts";
import { dice } from "./dice.ts";
import { letter } from "./lettering.ts";

export const PICTURE_NAMES = ["tides", "zones", "shelters", "harbour", "surge", "rainfall"] as const;
export type PictureName = (typeof PICTURE_NAMES)[number];

interface Drawing {
  readonly texts: { readonly alt: string; readonly caption: string; readonly credit: string };
  /** SVG of 1280 by 800. */
  draw(now: Date): string;
}

const credit = "Drawing: Dateline demo";

/** The demo's pictures, drawn by code. */
export const PICTURES: Record<PictureName, Drawing> = {
  tides: {
    texts: {
      alt: "Line chart of the forecast water level at Greyhythe: a first peak near 4.7 metres, a second near 5.6, just under the dashed line of the sea wall at 5.8.",
      caption: "The forecast for Greyhythe: the tide alone, and with the surge on top of it.",
      credit,
    },
    draw: drawTides,
  },
  zones: {
    texts: {
      alt: "Map of the coast from Tollen Point to Ebbstow. Zone A, hatched in red, covers the quays of Greyhythe, the front at Wickersand and Lowmarsh; zone B lies behind it.",
      caption: "Zone A is to be left; zone B, with 5,100 households, is asked to be ready.",
      credit,
    },
    draw: () => drawMap("zones"),
  },
  shelters: {
    texts: {
      alt: "Map of the coast with four shelters inland: St Orrin School, the Exhibition Hall at Anselby, Quillhead Sports Centre and Hallow Down Church Hall, and the roads that lead to them.",
      caption: "The four shelters, and the roads that are kept open to them.",
      credit,
    },
    draw: () => drawMap("shelters"),
  },
  harbour: {
    texts: {
      alt: "Drawing of a small harbour in evening light: gabled houses with lit windows, three moored fishing boats, a mole with lamps and a lighthouse on the headland.",
      caption: "The inner harbour at Greyhythe, with the lamps on the mole lit early.",
      credit,
    },
    draw: drawHarbour,
  },
  surge: {
    texts: {
      alt: "Section through a coast: sea on the left, a dune, and houses behind it. A lower line marks the ordinary high tide at the foot of the dune, a higher one the surge close under its crest.",
      caption: "Sea, dune and lower village at Wickersand in section; heights are exaggerated.",
      credit,
    },
    draw: drawSection,
  },
  rainfall: {
    texts: {
      alt: "Chart of hourly rain as bars and of the river’s level as a line that climbs after the barrier closes and comes close to the edge of the meadows.",
      caption: "Rain in the hills and the level of the Quill at Quillhead bridge.",
      credit,
    },
    draw: drawRiver,
  },
};

/** Draws them all and keeps their files as if they had been uploaded. */
export async function drawPictures(
  db: Db,
  store: PictureStore,
  now: Date,
): Promise<ReadonlyMap<PictureName, KeptFiles>> {
  const kept = await Promise.all(
    PICTURE_NAMES.map(async (name) => {
      const png = await sharp(Buffer.from(PICTURES[name].draw(now)))
        .png({ compressionLevel: 1 })
        .toBuffer();
      return [name, await keepFiles(db, store, await makeSizes(png))] as const;
    }),
  );
  return new Map(kept);
}

const WIDTH = 1280;
const HEIGHT = 800;
const INK = "#17323d";
const SOFT = "#5d747d";
const PAPER = "#fbf8f1";
const RED = "#c8452f";
const AMBER = "#e3a536";
const BLUE = "#2b6f8a";

const svg = (body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${body}</svg>`;

type Point = readonly [x: number, y: number];
const along = (points: readonly Point[]): string =>
  points.map(([x, y], n) => `${n ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

// Charts.

const FRAME = { left: 110, right: 1230, top: 150, bottom: 690 };

/** Minutes after the story's beginning to a place across, and values to one up. */
function scales(from: number, to: number, low: number, high: number) {
  const x = (minute: number) => FRAME.left + ((minute - from) / (to - from)) * (FRAME.right - FRAME.left);
  const y = (value: number) => FRAME.bottom - ((value - low) / (high - low)) * (FRAME.bottom - FRAME.top);
  return { x, y };
}

/** Every third hour by the newsroom's clock. */
function hours(now: Date, from: number, to: number, x: (minute: number) => number): string {
  const ticks: string[] = [];
  for (let minute = from; minute <= to; minute++) {
    const clock = onTheClock(minutesBefore(now, -minute));
    if (!clock.endsWith(":00") || Number(clock.slice(0, 2)) % 3) continue;
    ticks.push(`<path d="M${x(minute)} ${FRAME.bottom}v10" stroke="${SOFT}" stroke-width="2"/>`);
    ticks.push(letter(x(minute), FRAME.bottom + 34, clock, { size: 14, anchor: "middle", colour: SOFT }));
  }
  return ticks.join("");
}

const gridLine = (y: number, words: string): string =>
  `<path d="M${FRAME.left} ${y}H${FRAME.right}" stroke="#dcd8cc" stroke-width="1.5"/>` +
  letter(FRAME.left - 18, y + 7, words, { size: 14, anchor: "end", colour: SOFT });

const heading = (words: string, under: string): string =>
  `<rect width="${WIDTH}" height="${HEIGHT}" fill="${PAPER}"/><rect x="56" y="46" width="44" height="6" fill="${RED}"/>` +
  letter(56, 90, words, { size: 24, weight: 0.15 }) +
  letter(56, 122, under, { size: 13, colour: SOFT });

function drawTides(now: Date): string {
  const [from, to] = [-1412, 420];
  const { x, y } = scales(from, to, 0, 6.4);
  const tide = (t: number) => 2.45 + (1.72 + (t + 1412) / 14_000) * Math.cos((2 * Math.PI * (t + 155)) / 745);
  const surge = (t: number) => 1.3 * Math.exp(-(((t + 230) / 640) ** 2));
  const minutes = Array.from({ length: (to - from) / 12 + 1 }, (_, n) => from + n * 12);
  const curve = (height: (t: number) => number) => minutes.map((t): Point => [x(t), y(height(t))]);
  const spread = (t: number) => 0.05 + 0.17 * Math.min(1, (t + 1412) / 1250);
  const total = (t: number) => tide(t) + surge(t);
  const band = [...curve((t) => total(t) + spread(t)), ...curve((t) => total(t) - spread(t)).reverse()];
  const area = `${along(curve(total))}L${x(to)} ${y(0)}L${x(from)} ${y(0)}Z`;
  const above = (t: number) => Math.min(y(total(t)) - 22, y(5.8) - 14);
  const peak = (t: number, words: string, more: string) =>
    `<circle cx="${x(t)}" cy="${y(total(t))}" r="7" fill="${PAPER}" stroke="${BLUE}" stroke-width="4"/>` +
    letter(x(t), above(t) - 22, words, { size: 17, anchor: "middle", weight: 0.16, halo: PAPER }) +
    letter(x(t), above(t), more, { size: 12, anchor: "middle", colour: SOFT, halo: PAPER });
  return svg(
    heading("Water level at Greyhythe", "Forecast in metres. The shaded band is its uncertainty") +
      [0, 1, 2, 3, 4, 5, 6].map((metre) => gridLine(y(metre), `${metre}`)).join("") +
      `<path d="${area}" fill="${BLUE}" opacity=".12"/><path d="${along(band)}Z" fill="${BLUE}" opacity=".26"/>` +
      `<path d="${along(curve(tide))}" fill="none" stroke="${SOFT}" stroke-width="2.5" stroke-dasharray="2 8" stroke-linecap="round"/>` +
      `<path d="${along(curve(total))}" fill="none" stroke="${BLUE}" stroke-width="5" stroke-linejoin="round"/>` +
      `<path d="M${FRAME.left} ${y(5.8)}H${FRAME.right}" stroke="${RED}" stroke-width="3" stroke-dasharray="14 9"/>` +
      letter(FRAME.left + 8, y(5.8) - 12, "Top of the sea wall 5.8", { size: 14, colour: RED, weight: 0.15 }) +
      peak(-900, "First 4.7", "4.6 to 4.9") +
      peak(-155, "Second 5.6", "5.3 to 5.7") +
      letter(x(-520), y(0.42), "Tide alone", { size: 13, anchor: "middle", colour: SOFT, halo: "#e9eeec" }) +
      hours(now, from, to, x),
  );
}

function drawRiver(now: Date): string {
  const [from, to] = [-1412, -60];
  const { x, y } = scales(from, to, 0, 4);
  const rain = [1, 1, 2, 3, 3, 5, 6, 8, 9, 7, 8, 10, 12, 11, 13, 12, 9, 10, 8, 6, 5, 3, 2];
  const bars = rain.map((millimetres, n) => {
    const [left, high] = [x(from + 14 + n * 58), millimetres * 9.5];
    return `<rect x="${left}" y="${FRAME.bottom - high}" width="30" height="${high}" rx="3" fill="#a9c6cf"/>`;
  });
  const level = (t: number) => 1.55 + 1.81 / (1 + Math.exp(-(t + 560) / 185)) + 0.04 * Math.sin(t / 47);
  const points = Array.from({ length: 113 }, (_, n): Point => [x(from + n * 12), y(level(from + n * 12))]);
  const last = points.at(-1)!;
  return svg(
    heading("The Quill at Quillhead bridge", "Level in metres. Bars: rain in the hills, hour by hour") +
      [0, 1, 2, 3, 4].map((metre) => gridLine(y(metre), `${metre}`)).join("") +
      `<rect x="${x(-1022)}" y="${FRAME.top}" width="${x(-60) - x(-1022)}" height="${FRAME.bottom - FRAME.top}" fill="${AMBER}" opacity=".1"/>` +
      `<path d="M${x(-1022)} ${FRAME.top}V${FRAME.bottom}" stroke="${AMBER}" stroke-width="3"/>` +
      letter(x(-1022) + 14, FRAME.top + 26, "Barrier closed", { size: 14, colour: "#9a6a10", weight: 0.15 }) +
      bars.join("") +
      `<path d="M${FRAME.left} ${y(3.55)}H${FRAME.right}" stroke="${RED}" stroke-width="3" stroke-dasharray="14 9"/>` +
      letter(FRAME.left + 8, y(3.55) - 12, "Edge of the meadows", { size: 14, colour: RED, weight: 0.15 }) +
      `<path d="${along(points)}" fill="none" stroke="${PAPER}" stroke-width="11" stroke-linejoin="round"/>` +
      `<path d="${along(points)}" fill="none" stroke="${BLUE}" stroke-width="5" stroke-linejoin="round"/>` +
      `<circle cx="${last[0]}" cy="${last[1]}" r="8" fill="${BLUE}"/>` +
      letter(last[0] - 16, last[1] + 38, "3.25", { size: 20, anchor: "end", weight: 0.17, colour: BLUE, halo: PAPER }) +
      hours(now, from, to, x),
  );
}

// The map.

const LAND =
  "M-60 -60H740C800 20 900 62 985 116C1004 134 962 152 902 170C806 200 708 226 690 292C682 332 722 340 772 348C852 360 882 386 852 426C826 456 792 462 778 502C762 552 766 592 736 632C716 657 682 666 640 672C560 682 500 676 430 690L430 702C510 694 570 704 650 712C702 720 732 748 744 870H-60Z";
const RIVER = "M640 692C560 694 500 682 430 696C340 714 300 660 214 668C150 674 110 630 -20 640";

const TOWNS: readonly (readonly [name: string, x: number, y: number, anchor: "start" | "end", big: boolean])[] = [
  ["Greyhythe", 676, 296, "end", true],
  ["Wickersand", 748, 546, "end", false],
  ["Ebbstow", 622, 742, "end", true],
  ["Anselby", 262, 372, "end", true],
  ["St Orrin", 424, 226, "end", false],
  ["Quillhead", 300, 664, "start", false],
];

function drawMap(which: "zones" | "shelters"): string {
  const water = [150, 96, 48].map((wide, n) => {
    const tint = ["#b9d5db", "#c6dee2", "#d6e8e9"][n]!;
    return `<path d="${LAND}" fill="none" stroke="${tint}" stroke-width="${wide}" stroke-linejoin="round"/>`;
  });
  return svg(
    `<defs><clipPath id="land"><path d="${LAND}"/></clipPath>` +
      `<pattern id="hatch" width="11" height="11" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="11" height="11" fill="${RED}" opacity=".34"/><rect width="4" height="11" fill="${RED}"/></pattern></defs>` +
      `<rect width="${WIDTH}" height="${HEIGHT}" fill="#accdd5"/>${water.join("")}` +
      `<path d="${LAND}" fill="#f4eedf"/>` +
      `<g clip-path="url(#land)">${hills()}${which === "zones" ? zones() : ""}</g>` +
      `<path d="${RIVER}" fill="none" stroke="#8bb7c3" stroke-width="9" stroke-linecap="round"/>` +
      `<path d="${LAND}" fill="none" stroke="${INK}" stroke-width="2.5"/>` +
      (which === "shelters" ? roads() : "") +
      (which === "shelters" ? "" : towns()) +
      lighthouse(968, 116) +
      letter(964, 88, "Tollen Point", { size: 14, anchor: "middle", halo: "#f4eedf" }) +
      letter(1010, 330, "Merrow Bay", { size: 22, colour: "#3d7284", weight: 0.1 }) +
      letter(430, 736, "River Quill", { size: 12, colour: "#3d7284", anchor: "end", halo: "#f4eedf" }) +
      (which === "shelters" ? shelters() : "") +
      (which === "zones" ? barrier() : "") +
      legend(which) +
      compass(),
  );
}

const hills = (): string =>
  [
    "M-40 -40H330C300 60 210 130 190 220C170 300 60 330 -40 340Z",
    "M-40 -40H210C200 40 130 90 110 160C96 220 40 236 -40 240Z",
    "M640 372C700 352 790 356 826 392C834 424 776 446 724 448C664 450 612 420 640 372Z",
    "M700 384C740 370 786 378 796 396C790 416 752 424 724 424C694 422 682 400 700 384Z",
    "M470 92C560 66 700 60 760 100C770 140 650 170 560 166C470 162 420 116 470 92Z",
  ]
    .map((path, n) => `<path d="${path}" fill="${n === 1 || n === 3 ? "#dccfa9" : "#e9dfc4"}"/>`)
    .join("");

const zones = (): string =>
  `<path d="M660 232C600 250 600 352 668 372L800 372V230ZM700 470C660 500 540 520 500 600C480 650 470 664 440 680L470 800H800V480Z" fill="${AMBER}" opacity=".62"/>` +
  `<path d="M676 250C656 270 656 330 690 346L800 348V240ZM742 478C716 520 690 540 620 560C560 580 540 640 560 684L800 668V480Z" fill="url(#hatch)"/>`;

const towns = (): string =>
  TOWNS.map(([name, x, y, anchor, big]) => {
    const words = letter(x + (anchor === "end" ? -18 : 18), y + (big ? 8 : 6), name, {
      size: big ? 18 : 14,
      weight: big ? 0.16 : 0.13,
      anchor,
      halo: "#f4eedf",
    });
    return `<circle cx="${x}" cy="${y}" r="${big ? 8 : 6}" fill="${PAPER}" stroke="${INK}" stroke-width="3.5"/>${words}`;
  }).join("") + letter(640, 612, "Lowmarsh", { size: 14, anchor: "middle", halo: "#f4eedf" });

const barrier = (): string =>
  `<path d="M652 668V716" stroke="${INK}" stroke-width="7"/>` +
  letter(676, 700, "Ebbstow Barrier", { size: 13, halo: "#c6dee2" });

const ROADS = [
  "M676 296C600 300 540 262 424 226",
  "M424 226C360 260 310 320 262 372",
  "M748 546C690 500 560 470 470 440C400 416 320 400 262 372",
  "M622 742C520 760 380 730 300 664",
  "M300 664C280 560 270 460 262 372",
  "M676 296C690 330 706 360 724 396",
];

const roads = (): string =>
  ROADS.map(
    (path) =>
      `<path d="${path}" fill="none" stroke="${INK}" stroke-width="9" stroke-linecap="round"/><path d="${path}" fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round"/>`,
  ).join("");

const SHELTERS: readonly (readonly [name: string, places: string, x: number, y: number])[] = [
  ["St Orrin School", "450 places", 424, 226],
  ["Exhibition Hall", "Anselby - 900 places", 262, 372],
  ["Sports Centre", "Quillhead - 300 places", 300, 664],
  ["Church Hall", "Hallow Down - 120 places", 724, 396],
];

function shelters(): string {
  const plain = TOWNS.filter(([name]) => ["Greyhythe", "Wickersand", "Ebbstow"].includes(name)).map(
    ([name, x, y]) =>
      `<circle cx="${x}" cy="${y}" r="7" fill="${PAPER}" stroke="${INK}" stroke-width="3.5"/>` +
      letter(x - 4, y + 30, name, { size: 14, anchor: "end", halo: "#f4eedf" }),
  );
  const pins = SHELTERS.map(([name, places, x, y]) => {
    const pin = `<path d="M${x} ${y}C${x - 8} ${y - 20} ${x - 24} ${y - 30} ${x - 24} ${y - 50}A24 24 0 0 1 ${x + 24} ${y - 50}C${x + 24} ${y - 30} ${x + 8} ${y - 20} ${x} ${y}Z" fill="${RED}" stroke="${PAPER}" stroke-width="3"/>`;
    const house = `<path d="M${x - 13} ${y - 49}L${x} ${y - 61}L${x + 13} ${y - 49}M${x - 8} ${y - 52}V${y - 39}H${x + 8}V${y - 52}" fill="none" stroke="#fff" stroke-width="4" stroke-linejoin="round" stroke-linecap="round"/>`;
    const words = letter(x + 36, y - 46, name, { size: 16, weight: 0.16, halo: "#f4eedf" });
    return pin + house + words + letter(x + 36, y - 24, places, { size: 12, colour: SOFT, halo: "#f4eedf" });
  });
  return plain.join("") + pins.join("");
}

const lighthouse = (x: number, y: number): string =>
  `<path d="M${x - 4} ${y}L${x - 2} ${y - 16}H${x + 2}L${x + 4} ${y}Z" fill="#fff" stroke="${INK}" stroke-width="2"/><circle cx="${x}" cy="${y - 18}" r="4" fill="${AMBER}" stroke="${INK}" stroke-width="2"/>`;

function legend(which: "zones" | "shelters"): string {
  const box = `<rect x="914" y="556" width="330" height="200" rx="6" fill="${PAPER}"/>`;
  const scale =
    `<path d="M960 706H1130M960 699V713M1045 701V711M1130 699V713" stroke="${INK}" stroke-width="2.5" fill="none"/>` +
    letter(960, 736, "0", { size: 11, anchor: "middle" }) +
    letter(1045, 736, "5", { size: 11, anchor: "middle" }) +
    letter(1130, 736, "10 km", { size: 11, anchor: "middle" });
  if (which === "shelters")
    return (
      box +
      letter(960, 606, "Shelters", { size: 20, weight: 0.16 }) +
      letter(960, 640, "Open day and night", { size: 13, colour: SOFT }) +
      `<path d="M960 668H1010" stroke="${INK}" stroke-width="9"/><path d="M960 668H1010" stroke="#fff" stroke-width="5"/>` +
      letter(1026, 674, "Roads kept open", { size: 12 }) +
      scale
    );
  return (
    box +
    `<rect x="960" y="588" width="50" height="28" fill="url(#hatch)"/><rect x="960" y="632" width="50" height="28" fill="${AMBER}" opacity=".62"/>` +
    letter(1028, 609, "Zone A - leave", { size: 14, weight: 0.17 }) +
    letter(1028, 653, "Zone B - be ready", { size: 14 }) +
    scale
  );
}

const compass = (): string =>
  `<g transform="translate(1180 110)"><circle r="40" fill="${PAPER}" opacity=".75"/><path d="M0 -30L9 0L0 30L-9 0Z" fill="#fff" stroke="${INK}" stroke-width="2"/><path d="M0 -30L9 0H-9Z" fill="${INK}"/></g>` +
  letter(1180, 58, "N", { size: 15, anchor: "middle", weight: 0.16 });

// Scenes.

function drawHarbour(): string {
  const roll = dice(7);
  const horizon = 430;
  return svg(
    `<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#22445a"/><stop offset=".45" stop-color="#5d7f8c"/><stop offset=".75" stop-color="#d9a079"/><stop offset="1" stop-color="#f4c98d"/></linearGradient>` +
      `<linearGradient id="sea" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#c9976f"/><stop offset=".3" stop-color="#55707a"/><stop offset="1" stop-color="#173645"/></linearGradient>` +
      `<radialGradient id="glow"><stop offset="0" stop-color="#ffe3a1" stop-opacity=".95"/><stop offset=".25" stop-color="#ffd27f" stop-opacity=".5"/><stop offset="1" stop-color="#ffd27f" stop-opacity="0"/></radialGradient></defs>` +
      `<rect width="1280" height="${horizon}" fill="url(#sky)"/><rect y="${horizon}" width="1280" height="${HEIGHT - horizon}" fill="url(#sea)"/>` +
      clouds() +
      `<path d="M760 ${horizon}C840 392 930 372 1010 366C1110 360 1200 384 1290 378V${horizon}Z" fill="#3a5765"/>` +
      `<path d="M1076 364L1081 292H1097L1102 364Z" fill="#f1e6d2"/><path d="M1079 320H1099L1100.500 342H1077.500Z" fill="#b4533d"/><rect x="1079" y="278" width="20" height="15" fill="#2a4452"/><path d="M1077 278L1089 266L1101 278Z" fill="#b4533d"/><circle cx="1089" cy="286" r="60" fill="url(#glow)"/>` +
      mole(horizon) +
      houses(roll, horizon) +
      ripples(roll, horizon) +
      boat(560, 596, 1.15, "#a8402e", "#f0e4cd") +
      boat(870, 560, 0.85, "#2d6073", "#e9c98f") +
      boat(1090, 650, 1.45, "#24414d", "#efe6d6") +
      quay(),
  );
}

const clouds = (): string =>
  [
    [180, 120, 340, 0.16],
    [700, 84, 420, 0.13],
    [980, 176, 300, 0.2],
    [420, 228, 380, 0.18],
    [860, 282, 520, 0.22],
  ]
    .map(
      ([x, y, wide, opacity]) =>
        `<path d="M${x} ${y}q${wide! * 0.2} -22 ${wide! * 0.45} -12q${wide! * 0.2} -18 ${wide! * 0.55} 12q-${wide! * 0.5} 12 -${wide} 0Z" fill="#f6d9b8" opacity="${opacity}"/>`,
    )
    .join("");

function mole(horizon: number): string {
  const lamps = [640, 730, 820, 910, 1000].map(
    (x) =>
      `<path d="M${x} ${horizon + 4}V${horizon - 44}" stroke="#1b333e" stroke-width="4"/><circle cx="${x}" cy="${horizon - 48}" r="46" fill="url(#glow)"/><circle cx="${x}" cy="${horizon - 48}" r="5" fill="#fff3cf"/>` +
      `<path d="M${x} ${horizon + 34}v86" stroke="#ffd88e" stroke-width="7" opacity=".35" stroke-dasharray="16 9"/>`,
  );
  return `<path d="M540 ${horizon - 4}H1036L1056 ${horizon + 26}H540Z" fill="#1f3a46"/><path d="M540 ${horizon - 4}H1036L1040 ${horizon + 3}H540Z" fill="#2f4f5c"/>${lamps.join("")}`;
}

function houses(roll: () => number, horizon: number): string {
  const fronts = ["#8f4a3a", "#d8c3a0", "#4f6d74", "#b98b5e", "#6f4b46", "#c9b191", "#3f5c66"];
  const foot = horizon + 66;
  let x = -20;
  let drawn = "";
  for (let n = 0; x < 560; n++) {
    const wide = 66 + Math.floor(roll() * 34);
    const top = foot - 170 - Math.floor(roll() * 96);
    drawn += `<path d="M${x} ${foot}V${top}L${x + wide / 2} ${top - wide * 0.55}L${x + wide} ${top}V${foot}Z" fill="${fronts[n % fronts.length]}"/>`;
    drawn += `<path d="M${x - 4} ${top + 3}L${x + wide / 2} ${top - wide * 0.58}L${x + wide + 4} ${top + 3}L${x + wide / 2} ${top - wide * 0.58 + 15}Z" fill="#243b45"/>`;
    if (roll() > 0.45)
      drawn += `<rect x="${x + wide * 0.68}" y="${top - wide * 0.5}" width="11" height="30" fill="#243b45"/>`;
    drawn += windows(roll, x, top, wide, foot);
    x += wide;
  }
  return drawn;
}

function windows(roll: () => number, x: number, top: number, wide: number, foot: number): string {
  const columns = wide > 84 ? 3 : 2;
  const gap = wide / columns;
  let drawn = "";
  for (let y = top + 14; y < foot - 62; y += 44)
    for (let column = 0; column < columns; column++) {
      const left = x + gap * column + gap / 2 - 8;
      const lit = roll() > 0.5;
      drawn += `<rect x="${left}" y="${y}" width="16" height="24" rx="1.500" fill="${lit ? "#ffd98c" : "#24404c"}"/>`;
      drawn += `<path d="M${left + 8} ${y}v24M${left} ${y + 11}h16" stroke="#2b3f47" stroke-width="1.500" opacity=".7"/>`;
    }
  return `${drawn}<rect x="${x + wide / 2 - 10}" y="${foot - 40}" width="20" height="40" fill="#20343d"/>`;
}

function ripples(roll: () => number, horizon: number): string {
  return Array.from({ length: 120 }, () => {
    const y = horizon + 36 + roll() ** 1.4 * 330;
    const wide = 18 + roll() * 90 * ((y - horizon) / 300 + 0.3);
    const warm = roll() > 0.55;
    return `<path d="M${(roll() * 1320 - 30).toFixed(0)} ${y.toFixed(0)}h${wide.toFixed(0)}" stroke="${warm ? "#f0c48c" : "#9fb8bd"}" stroke-width="${(1.5 + (y - horizon) / 130).toFixed(1)}" stroke-linecap="round" opacity="${(0.1 + roll() * 0.22).toFixed(2)}"/>`;
  }).join("");
}

/** A fishing boat whose waterline is at `y`. */
const boat = (x: number, y: number, scale: number, hull: string, cabin: string): string =>
  `<g transform="translate(${x} ${y}) scale(${scale})">` +
  `<path d="M-78 6H78L60 40H-62Z" fill="#0f2a36" opacity=".45"/>` +
  `<path d="M-14 -26V-150M36 -22V-104M-14 -142L84 -26M-14 -142L-84 -22" stroke="#182e38" stroke-width="3.500" fill="none"/>` +
  `<path d="M-14 -96L52 -128" stroke="#182e38" stroke-width="4"/>` +
  `<path d="M-92 -34C-60 -24 30 -22 96 -44L74 6H-70Z" fill="${hull}"/><path d="M-92 -34C-60 -24 30 -22 96 -44L93 -36C30 -14 -60 -16 -88 -26Z" fill="#f3ead8"/>` +
  `<path d="M-52 -28V-70H4V-26Z" fill="${cabin}"/><rect x="-58" y="-77" width="68" height="9" fill="#22383f"/>` +
  `<rect x="-45" y="-62" width="17" height="17" fill="#ffd98c"/><rect x="-21" y="-62" width="17" height="17" fill="#ffd98c"/>` +
  `<circle cx="46" cy="-12" r="8" fill="none" stroke="#f3ead8" stroke-width="4"/></g>`;

const quay = (): string =>
  `<path d="M-20 496H566L600 524L610 560L520 590H-20Z" fill="#24404b"/><path d="M-20 496H566L600 524H-20Z" fill="#3a5965"/>` +
  `<path d="M-20 700C220 690 300 726 470 742C560 750 640 770 690 820H-20Z" fill="#122a35"/><path d="M-20 700C220 690 300 726 470 742C560 750 640 770 690 820L660 820C610 782 540 766 460 758C300 742 200 712 -20 722Z" fill="#2b4854"/>` +
  [
    [130, 712],
    [380, 744],
  ]
    .map(
      ([x, y]) =>
        `<path d="M${x! - 20} ${y! + 14}V${y! - 26}H${x! + 20}V${y! + 14}Z" fill="#0c1f28"/><rect x="${x! - 28}" y="${y! - 40}" width="56" height="17" rx="8" fill="#0c1f28"/>`,
    )
    .join("") +
  `<path d="M380 716C430 690 450 640 494 612" stroke="#c9b58f" stroke-width="5" fill="none"/>`;

function drawSection(): string {
  const ordinary = 560;
  const surge = 410;
  const ground =
    "M0 720C160 700 320 660 470 596C540 560 570 470 640 366C664 340 700 344 722 378C756 450 780 556 830 588C900 612 1000 606 1280 610V800H0Z";
  const level = (y: number, to: number, colour: string) =>
    `<path d="M0 ${y}H${to}" stroke="${colour}" stroke-width="3" stroke-dasharray="12 8"/>`;
  return svg(
    `<defs><linearGradient id="air" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#cfdde0"/><stop offset="1" stop-color="#f3efe4"/></linearGradient><clipPath id="seaside"><rect width="690" height="800"/></clipPath></defs>` +
      `<rect width="1280" height="800" fill="url(#air)"/>` +
      heading("Tide, surge and waves", "The coast at Wickersand in section").replace(/<rect width="1280"[^>]*>/, "") +
      `<g clip-path="url(#seaside)"><path d="${wave(surge - 4, 16, 124)}L690 800L0 800Z" fill="#8fbcc9"/><path d="M0 ${surge + 20}H690V800H0Z" fill="#6fa6b7"/><path d="M0 ${ordinary}H690V800H0Z" fill="${BLUE}"/></g>` +
      `<path d="${ground}" fill="#e4cf9d"/><path d="${ground.replace("V800H0Z", "V660C1000 656 900 664 820 636C760 610 730 500 700 430C690 406 670 404 656 424C590 520 560 610 480 646C320 706 160 746 0 766Z")}" fill="#d3b97e" opacity=".55"/>` +
      grass() +
      [860, 960, 1068, 1170].map((x, n) => cottage(x, 606, ["#b4533d", "#2d6073", "#c98f3d", "#6b5a4a"][n]!)).join("") +
      level(surge, 606, RED) +
      level(ordinary, 540, PAPER) +
      `<path d="M150 ${surge + 14}V${ordinary - 14}M141 ${surge + 26}L150 ${surge + 12}L159 ${surge + 26}M141 ${ordinary - 26}L150 ${ordinary - 12}L159 ${ordinary - 26}" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>` +
      letter(178, 494, "The surge", { size: 20, weight: 0.16, colour: "#fff" }) +
      letter(40, ordinary + 36, "Ordinary high tide", { size: 16, colour: "#fff" }) +
      letter(40, surge - 44, "Waves ride on top", { size: 16, colour: RED, weight: 0.15 }) +
      letter(690, 318, "Dune", { size: 20, anchor: "middle", weight: 0.16 }) +
      letter(1030, 660, "Lower village", { size: 18, anchor: "middle", weight: 0.15 }),
  );
}

/** A line of waves across the sea side: long backs, short fronts. */
function wave(y: number, high: number, long: number): string {
  let path = `M-20 ${y + high}`;
  for (let x = -20; x < 700; x += long)
    path += `C${x + long * 0.4} ${y + high} ${x + long * 0.62} ${y - high} ${x + long * 0.78} ${y - high}C${x + long * 0.9} ${y - high} ${x + long * 0.8} ${y + high} ${x + long} ${y + high}`;
  return path;
}

function grass(): string {
  const roll = dice(3);
  return Array.from({ length: 46 }, () => {
    const share = roll();
    const x = 610 + share * 128;
    const y = x < 680 ? 410 - (x - 610) * 0.9 : 352 + Math.max(0, x - 690) * 1.15;
    const lean = 6 + roll() * 10;
    return `<path d="M${x.toFixed(0)} ${y.toFixed(0)}q${(lean / 3).toFixed(1)} -18 ${lean.toFixed(1)} -${(20 + roll() * 16).toFixed(0)}" stroke="#6d7f4d" stroke-width="2.500" fill="none" stroke-linecap="round"/>`;
  }).join("");
}

const cottage = (x: number, foot: number, roof: string): string =>
  `<rect x="${x - 34}" y="${foot - 46}" width="68" height="48" fill="#f7f1e3"/><path d="M${x - 42} ${foot - 44}L${x} ${foot - 84}L${x + 42} ${foot - 44}Z" fill="${roof}"/>` +
  `<rect x="${x - 24}" y="${foot - 34}" width="15" height="16" fill="#35515d"/><rect x="${x + 6}" y="${foot - 34}" width="16" height="36" fill="#35515d"/>`;
