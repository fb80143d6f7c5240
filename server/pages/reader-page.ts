import type { Context } from "../context.ts";
import type { Extras } from "./page-cache.ts";

/** One page among those of a stream. */
export interface Page {
  /** Tells it from the others. */
  readonly name: string;
  /** Of its address. */
  readonly route: string;
  /** Whether pages of other sites may show it in a frame, or their scripts read it. */
  readonly others?: "frames" | "scripts";
  /** One of so many that they must not push the others out of memory. */
  readonly isOneOfMany?: boolean;
  /** @param version what a reader of it has seen */
  render(context: Context, slug: string, version: number): Promise<Document>;
}

export interface Document extends Extras {
  readonly text: string;
  readonly type: string;
}

export const html = (text: string): Document => ({ text, type: "text/html; charset=utf-8" });
