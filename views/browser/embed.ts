import { tellHeight } from "./embed/height.ts";
import { tickTimes } from "./relative-times.ts";

// A blog in a frame on somebody else's page.
const list = document.getElementById("posts");
tellHeight();
tickTimes();
if (list?.dataset.live === "true") void import("./embed/live.ts").then(({ followInFrame }) => followInFrame(list));
