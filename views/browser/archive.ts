import { watchReadingSettings } from "./reading-settings.ts";
import { tickTimes } from "./relative-times.ts";

// The page of a story that has ended: nothing comes any more, so nothing is listened for.
watchReadingSettings();
tickTimes();
void import("./install.ts").then(({ install }) => install());
