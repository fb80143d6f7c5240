import { useZone } from "./relative-times.ts";

/** What was chosen is kept under this name. */
const KEPT = "dateline-reading";

/** Few change how they read: what it takes comes when somebody looks for it, or has chosen before. */
export function watchReadingSettings(): void {
  const settings = document.getElementById("reading-settings");
  if (!settings) return;
  const open = (): void => {
    void import("./reading-choices.ts").then(
      ({ openChoices }) => openChoices(settings, KEPT, useZone),
      () => settings.addEventListener("toggle", open, { once: true }),
    );
  };
  if (kept()) open();
  else settings.addEventListener("toggle", open, { once: true });
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
