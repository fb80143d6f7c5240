/** As server/push/pusher.ts writes it. */
interface KeyEvent {
  title: string;
  body: string;
  language: string;
  /** A path of this site. */
  url: string;
  tag: string;
  at: string;
}

/** A later message of the same post takes the place of this one. */
export async function showKeyEvent(
  registration: ServiceWorkerRegistration,
  data: PushMessageData | null,
): Promise<void> {
  const { title, body, language, url, tag, at } = data!.json() as KeyEvent;
  await registration.showNotification(title, {
    body,
    lang: language,
    dir: "auto",
    tag,
    data: { url, at },
    icon: "/icons/dateline-192.png",
    badge: "/icons/dateline-192.png",
  });
}

/** In the tab that has the story already, if one has. */
export async function openStory(clients: Clients, notification: Notification): Promise<void> {
  notification.close();
  const { url } = notification.data as { url: string };
  const story = new URL(url.replace(/\/posts\/\d+$/, ""), location.origin);
  const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = open.find((client) => new URL(client.url).pathname === story.pathname);
  if (!there) return void (await clients.openWindow(url));
  await there.focus();
  await there.navigate(url).catch(() => clients.openWindow(url));
}
