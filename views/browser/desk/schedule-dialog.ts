import { part } from "./elements.ts";
import { instantsOf, inWords, wallClock } from "./zone-time.ts";

/**
 * Asks when, on the newsroom's clocks.
 * @param start what the fields say at first
 * @returns null when nothing was chosen
 */
export function askWhen(dialog: HTMLDialogElement, timeZone: string, start: Date): Promise<Date | null> {
  const form = part<HTMLFormElement>(dialog, "form");
  const date = part<HTMLInputElement>(form, "[name=date]");
  const time = part<HTMLInputElement>(form, "[name=time]");
  const twice = part(form, "[data-schedule=twice]");
  const error = part(form, "[data-schedule=error]");
  const words = part(form, "[data-schedule=words]");
  const listening = new AbortController();
  const { signal } = listening;
  let chosen: Date | null = null;

  const clock = wallClock(start, timeZone);
  date.value = clock.date;
  time.value = clock.time;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  part(form, "[data-schedule=zone]").textContent = `The newsroom’s time, ${timeZone.replaceAll("_", " ")}.`;

  form.addEventListener("input", tell, { signal });
  part(form, "[data-schedule=cancel]").addEventListener("click", () => dialog.close(), { signal });
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      const at = instant();
      if (!at) return;
      if (at.getTime() <= Date.now()) return void (error.textContent = "That time is over. Choose a later one.");
      chosen = at;
      dialog.close();
    },
    { signal },
  );
  tell();
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        listening.abort();
        resolve(chosen);
      },
      { once: true },
    );
  });

  function tell(): void {
    error.textContent = "";
    words.textContent = "";
    const possible = instantsOf(`${date.value}T${time.value}`, timeZone);
    twice.hidden = possible.length !== 2;
    twice.querySelectorAll(".composer-check span").forEach((label, n) => {
      label.textContent = possible[n] ? inWords(possible[n], timeZone) : "";
    });
    const at = instant();
    if (!at) return;
    const elsewhere = own === timeZone ? "" : ` (${inWords(at, own)} where you are)`;
    words.textContent = `Goes out ${inWords(at, timeZone)}${elsewhere}.`;
  }

  function instant(): Date | null {
    if (!date.value || !time.value) {
      error.textContent = "Choose a day and a time.";
      return null;
    }
    const possible = instantsOf(`${date.value}T${time.value}`, timeZone);
    if (!possible.length) {
      error.textContent = "The clocks go forward over this time: there is no such time on that day.";
      return null;
    }
    const which = part<HTMLInputElement>(form, "[name=which]:checked").value;
    return possible[possible.length === 2 ? Number(which) : 0] ?? null;
  }
}
