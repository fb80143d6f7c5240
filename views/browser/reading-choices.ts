import type { Zone } from "./relative-times.ts";

/** How somebody reads, on this device. */
interface Choices {
  /** Times in their own zone instead of the newsroom's. */
  zone: boolean;
  /** Screen readers are told what is new. */
  spoken: boolean;
  moving: boolean;
}

const USUAL: Choices = { zone: false, spoken: true, moving: true };

/** Brings the settings to life, and the page to what was chosen. @param name under which it is kept */
export function openChoices(settings: HTMLElement, name: string, useZone: (zone: Zone | null) => void): void {
  const choices = { ...USUAL, ...read(name) };
  offerZone(settings, choices);
  for (const box of settings.querySelectorAll<HTMLInputElement>("input")) {
    const choice = box.name as keyof Choices;
    box.checked = choices[choice];
    box.addEventListener("change", () => {
      choices[choice] = box.checked;
      write(name, choices);
      apply();
    });
  }
  apply();

  function apply(): void {
    useZone(choices.zone ? readersZone() : null);
    document.documentElement.classList.toggle("is-still", !choices.moving);
    for (const region of document.querySelectorAll("#announcements, #connection"))
      region.setAttribute("aria-live", choices.spoken ? "polite" : "off");
  }
}

/** To those whose clocks show another time than the newsroom's, by the name of their zone. */
function offerZone(settings: HTMLElement, choices: Choices): void {
  const label = settings.querySelector("label")!;
  label.hidden = !choices.zone && nameOf("longOffset") === nameOf("longOffset", settings.dataset.timeZone);
  label.querySelector("span")!.append(` (${nameOf("long")})`);
}

function nameOf(timeZoneName: "long" | "longOffset", timeZone?: string): string {
  const { lang } = document.documentElement;
  const parts = new Intl.DateTimeFormat(lang, { timeZone, timeZoneName }).formatToParts();
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

/** Writes times as clocks show them where the reader is; what the server wrote is kept, and comes back. */
function readersZone(): Zone {
  const written = new WeakMap<Element, ChildNode[]>();
  const { lang } = document.documentElement;
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" } as const;
  const whole = new Intl.DateTimeFormat(lang, { day: "numeric", month: "long", ...clock });
  const hours = new Intl.DateTimeFormat(lang, clock);
  const day = new Intl.DateTimeFormat(lang, { day: "numeric", month: "long" });

  return {
    show(place) {
      for (const time of place.querySelectorAll("time")) {
        if (written.has(time)) continue;
        written.set(time, [...time.childNodes]);
        const at = new Date(time.dateTime);
        if (time.querySelector(".clock"))
          time.replaceChildren(span("clock", hours.format(at)), " ", span("day", day.format(at)));
        else time.replaceChildren(whole.format(at));
      }
    },
    forget(place) {
      for (const time of place.querySelectorAll("time")) {
        const nodes = written.get(time);
        if (nodes) time.replaceChildren(...nodes);
        written.delete(time);
      }
    },
  };
}

function span(name: string, words: string): HTMLElement {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = words;
  return element;
}

function read(name: string): Partial<Choices> {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "{}") as Partial<Choices>;
  } catch {
    return {};
  }
}

/** A browser that keeps nothing forgets it with the page. */
function write(name: string, choices: Choices): void {
  try {
    localStorage.setItem(name, JSON.stringify(choices));
  } catch {
    // It holds for this page.
  }
}
