/** What belongs to the browser and not to the story: its worker, and notifications. After everything else. */
export async function install(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  if (document.readyState !== "complete")
    await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  await navigator.serviceWorker.register("/sw.js");
  const place = document.getElementById("push");
  if (!place) return;
  const { offerNotifications } = await import("./push.ts");
  await offerNotifications(place, place.dataset.blog!);
}
