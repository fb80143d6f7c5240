import type { Config } from "../config.ts";

/** Where those go who are not signed in, and come back from; none for somebody who is. */
export interface WaysIn {
  readonly signIn: string;
  readonly signUp: string | null;
}

interface FormFields {
  readonly parentId?: string;
  readonly text?: string;
  readonly problem?: string;
  readonly rows?: number;
}

/** What the plain form shows: on the page of the discussion, where it is for everybody, and on one of its own. */
export const formModel = (
  slug: string,
  key: string,
  ways: WaysIn | null,
  { parentId = "", text = "", problem = "", rows = 3 }: FormFields = {},
) => ({ slug, key, ways, parentId, text, problem, rows });

export function waysIn({ signUp }: Config, next: string): WaysIn {
  const search = `?next=${encodeURIComponent(next)}`;
  return { signIn: `/sign-in${search}`, signUp: signUp === "open" ? `/sign-up${search}` : null };
}
