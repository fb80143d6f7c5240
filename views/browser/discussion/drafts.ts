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

/** One for each comment that is answered, and one for the discussion; of one person, who may not be the only one here. */
export function draftsOf(account: string, slug: string): Drafts {
  const name = (parentId: string): string => `dateline comment ${account} ${slug} ${parentId}`;
  return {
    get(parentId) {
      try {
        return JSON.parse(localStorage.getItem(name(parentId)) ?? "null") as Draft | null;
      } catch {
        return null;
      }
    },
    keep(parentId, draft) {
      try {
        localStorage.setItem(name(parentId), JSON.stringify(draft));
      } catch {
        // A browser that keeps nothing; the page still has it.
      }
    },
    forget(parentId) {
      try {
        localStorage.removeItem(name(parentId));
      } catch {
        // Nothing was kept.
      }
    },
  };
}
