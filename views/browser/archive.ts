import { offerReadingAids } from "./reading-aids.ts";
import { watchReadingSettings } from "./reading-settings.ts";
import { forgetTimes, sayTimes, tickTimes } from "./relative-times.ts";

// The page of a story that has ended: nothing comes any more, so nothing is listened for.
watchReadingSettings();
tickTimes();
offerReadingAids();
void import("./install.ts").then(({ install }) => install([], { forgetTimes, sayTimes }));
