/** Milliseconds for which a link says that it was copied. */
const TOLD_FOR = 3_000;

/** Shares a post: by the device's own sheet on a phone, otherwise by copying its link. @param tell says it aloud */
export async function share(link: HTMLAnchorElement, copied: string, tell: (words: string) => void): Promise<void> {
  const url = link.href.replace(/\/share$/, "");
  const title = link.closest("article, .post")?.querySelector(".post-headline")?.textContent ?? document.title;
  const data = { title, url };
  if (matchMedia("(pointer: coarse)").matches && navigator.canShare?.(data))
    return navigator.share(data).catch(calledOff);
  await navigator.clipboard.writeText(url);
  link.dataset.told = copied;
  tell(copied);
  setTimeout(() => delete link.dataset.told, TOLD_FOR);
}

/** Whoever closes the sheet has changed their mind; anything else is a failure. */
function calledOff(error: unknown): void {
  if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
}
