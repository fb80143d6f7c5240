/** What the plain form shows: on the page of the discussion, where it is for everybody, and on one of its own. */
export const formModel = (
  slug: string,
  key: string,
  {
    parentId = "",
    text = "",
    problem = "",
    rows = 3,
  }: Partial<Record<"parentId" | "text" | "problem", string>> & {
    rows?: number;
  } = {},
) => ({ slug, key, parentId, text, problem, rows, label: parentId ? "Your answer" : "Your comment" });
