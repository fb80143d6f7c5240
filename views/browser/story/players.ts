const KEPT_AS = "dateline.always";
const loaded = new WeakSet<HTMLIFrameElement>();

/**
 * Remembers which providers a reader always wants to see, in this browser only: their players then load as soon as they are
 * opened. Call it with each player that is opened.
 */
export function opened(player: HTMLDetailsElement): void {
  const box = player.querySelector<HTMLInputElement>(".embed-always input");
  if (!box) return;
  box.checked = remembered().has(box.value);
  // The same function each time is one listener.
  box.addEventListener("change", keep);
  const frame = player.querySelector("iframe")!;
  if (!box.checked || loaded.has(frame)) return;
  loaded.add(frame);
  player.querySelector<HTMLAnchorElement>(".embed-load")!.click();
}

function keep({ currentTarget }: Event): void {
  const { value, checked } = currentTarget as HTMLInputElement;
  remember(value, checked);
}

function remembered(): Set<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]") as string[]);
  } catch {
    return new Set();
  }
}

/** Where nothing can be kept, the reader is asked again. */
function remember(provider: string, always: boolean): void {
  const providers = remembered();
  if (always) providers.add(provider);
  else providers.delete(provider);
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify([...providers]));
  } catch {}
}
