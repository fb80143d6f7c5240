/** As server/push/message.ts writes it. */
interface KeyEvent {
  title: string;
  body: string;
  language: string;
  /** A path of this site. */
  url: string;
  tag: string;
  at: string | null;
  /** Takes the place of one that the newsroom would rather not have sent. */
  withdrawn?: true;
}

/**
 * A later message of the same post takes the place of this one. One that withdraws it is shown too, since a browser
 * that is told something has to show something, but makes no sound.
 */
export async function showKeyEvent(
  registration: ServiceWorkerRegistration,
  data: PushMessageData | null,
): Promise<void> {
  const { title, body, language, url, tag, at, withdrawn = false } = data!.json() as KeyEvent;
  await registration.showNotification(title, {
    body,
    lang: language,
    dir: "auto",
    tag,
    silent: withdrawn,
    data: { url, at },
    icon: "/icons/dateline-192.png",
    badge: "/icons/dateline-192.png",
  });
}

/** On the open page of that blog that was last looked at, if there is one, and otherwise on a new one. */
export async function openStory(clients: Clients, notification: Notification): Promise<void> {
  notification.close();
  const { url } = notification.data as { url: string };
  const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pageOf(open, url);
  if (!there) return void (await clients.openWindow(url));
  await there.focus();
  // One that this worker does not control cannot be led to the post; it is live, and has it.
  await there.navigate(url).catch(() => {});
}

/** @param pages the one that was last looked at first @param url of the blog or of one of its posts */
function pageOf<Page extends { url: string }>(pages: readonly Page[], url: string): Page | undefined {
  const story = url.replace(/\/posts\/\d+$/, "");
  return pages.find((page) => new URL(page.url).pathname === story);
}
