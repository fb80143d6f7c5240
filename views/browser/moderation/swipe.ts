/** Pixels after which a finger means it, and before which it may still be scrolling. */
const FAR = 96;
const NEAR = 12;

/** On a touch screen: to the right approves, to the left rejects. The buttons do the same. */
export function swipes(main: HTMLElement, act: (article: HTMLElement, action: string) => void): void {
  let card: HTMLElement | null = null;
  let begin = { x: 0, y: 0 };
  let moved = 0;

  main.addEventListener("pointerdown", (event) => {
    const target = event.target as HTMLElement;
    if (event.pointerType === "mouse" || !event.isPrimary || target.closest("button, a, input, summary")) return;
    card = target.closest<HTMLElement>("#cards .card");
    begin = { x: event.clientX, y: event.clientY };
    moved = 0;
  });
  main.addEventListener("pointermove", (event) => {
    if (!card || !event.isPrimary) return;
    const [x, y] = [event.clientX - begin.x, event.clientY - begin.y];
    if (!moved && Math.abs(y) > Math.abs(x)) return;
    if (!moved && Math.abs(x) < NEAR) return;
    moved = x;
    card.style.translate = `${x}px`;
    card.dataset.swipe = Math.abs(x) < FAR ? "" : x > 0 ? "approve" : "reject";
    card.classList.add("is-swiped");
  });
  main.addEventListener("pointerup", () => end(true));
  main.addEventListener("pointercancel", () => end(false));

  function end(isMeant: boolean): void {
    const swiped = card;
    card = null;
    if (!swiped) return;
    const action = swiped.dataset.swipe;
    swiped.classList.remove("is-swiped");
    swiped.style.translate = "";
    delete swiped.dataset.swipe;
    if (isMeant && action) act(swiped, action);
  }
}
