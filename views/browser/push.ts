/** Blogs whose key events this browser is told of; the browser itself knows only that it is told of some. */
const TOLD_OF = "dateline-push";

/**
 * Offers to tell of a blog's key events, where the browser can be told.
 * @param place with the buttons, and what is said where it does not work
 */
export async function offerNotifications(place: HTMLElement, blog: string): Promise<void> {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return;
  const part = (name: string): HTMLElement => place.querySelector<HTMLElement>(`.push-${name}`)!;
  const registration = await navigator.serviceWorker.ready;
  const address = `/api/blogs/${blog}/push-subscriptions`;
  part("start").addEventListener("click", () => void act(start));
  part("stop").addEventListener("click", () => void act(stop));
  show(toldOf().has(blog) && (await registration.pushManager.getSubscription()) !== null);
  place.classList.add("is-offered");

  async function act(work: () => Promise<void>): Promise<void> {
    part("failed").hidden = true;
    part("refused").hidden = true;
    await work().catch(() => (part("failed").hidden = false));
  }

  async function start(): Promise<void> {
    if ((await Notification.requestPermission()) !== "granted") {
      part("refused").hidden = false;
      return;
    }
    const subscription = await subscribed(registration.pushManager, place.dataset.key!);
    await send("POST", subscription.toJSON());
    remember((blogs) => blogs.add(blog));
    show(true);
  }

  async function stop(): Promise<void> {
    const subscription = await registration.pushManager.getSubscription();
    if (subscription) await send("DELETE", { endpoint: subscription.endpoint });
    const left = remember((blogs) => blogs.delete(blog));
    if (left === 0) await subscription?.unsubscribe();
    show(false);
  }

  async function send(method: string, body: object): Promise<void> {
    const response = await fetch(address, {
      method,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`The server answered ${response.status}`);
  }

  function show(isTold: boolean): void {
    const hadFocus = place.contains(document.activeElement);
    part("start").hidden = isTold;
    part("stop").hidden = !isTold;
    if (hadFocus) part(isTold ? "stop" : "start").focus();
  }
}

/** A subscription to another key, such as the newsroom's last one, is of no use any more. */
async function subscribed(manager: PushManager, key: string): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await manager.subscribe(options);
  } catch (error) {
    const old = await manager.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    return manager.subscribe(options);
  }
}

const toldOf = (): Set<string> => new Set(JSON.parse(localStorage.getItem(TOLD_OF) ?? "[]") as string[]);

/** @returns how many there are now */
function remember(change: (blogs: Set<string>) => unknown): number {
  const blogs = toldOf();
  change(blogs);
  localStorage.setItem(TOLD_OF, JSON.stringify([...blogs]));
  return blogs.size;
}
