import type { Picture } from "../database.ts";

/** A picture's sizes, for an `img` and its `picture`. */
export interface FilesModel {
  width: number;
  height: number;
  /** Widest that is not too wide for browsers without srcset. */
  src: string;
  /** Each a srcset; "" for a picture from before there was AVIF. */
  avif: string;
  webp: string;
  jpeg: string;
}

export const filesModel = ({ width, height, sources }: Pick<Picture, "width" | "height" | "sources">): FilesModel => ({
  width,
  height,
  src: sources.filter(({ type, width }) => type === "image/jpeg" && width <= 1280).at(-1)!.url,
  avif: srcset(sources, "image/avif"),
  webp: srcset(sources, "image/webp"),
  jpeg: srcset(sources, "image/jpeg"),
});

const srcset = (sources: { url: string; type: string; width: number }[], wanted: string): string =>
  sources
    .filter(({ type }) => type === wanted)
    .map(({ url, width }) => `${url} ${width}w`)
    .join(", ");
