/** What somebody is writing, kept on the device until it is sent. */
export interface Draft {
  text: string;
  /** The Idempotency-Key of the last try, and what was tried with it. */
  key?: string;
  tried?: string;
}

export interface Drafts {
  get(parentId: string): Draft | null;
  keep(parentId: string, draft: Draft): void;
  forget(parentId: string): void;
}

/**
 * One for each comment that is answered, and one for the discussion; of one person, who may not be the only one here.
 * What was begun before signing in is whoever's signs in next.
 */
export function draftsOf(account: string, slug: string): Drafts {
  const names = (parentId: string): string[] =>
    [...new Set([account, ""])].map((whose) => `dateline comment ${whose} ${slug} ${parentId}`);
  return {
    get: (parentId) =>
      names(parentId)
        .map((name) => read(name))
        .find((draft) => draft !== null) ?? null,
    keep(parentId, draft) {
      const [name, ...others] = names(parentId);
      if (write(name!, draft)) others.forEach((other) => write(other, null));
    },
    forget: (parentId) => names(parentId).forEach((name) => write(name, null)),
  };
}

function read(name: string): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

/** @returns false for a browser that keeps nothing; the page still has it */
function write(name: string, draft: Draft | null): boolean {
  try {
    if (draft) localStorage.setItem(name, JSON.stringify(draft));
    else localStorage.removeItem(name);
    return true;
  } catch {
    return false;
  }
}
