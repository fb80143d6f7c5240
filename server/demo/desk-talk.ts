import { sql } from "kysely";
import { lockWhatWeKnow, writeWhatWeKnow } from "../blogs/what-we-know.ts";
import type { Trx } from "../database.ts";
import { say } from "../desk/chat.ts";
import { handOver } from "../desk/duty.ts";
import { reduceBody } from "../posts/body.ts";
import { clocked, minutesBefore, type Cast } from "./cast.ts";

/** What stands on top of the demo story for those who live there. */
const BOX = {
  title: "For people on the coast",
  body: `<ul><li><strong>Zone A is closed</strong> until the next high water, at about {+590}, has passed. Streets are opened one by one after that.</li><li><strong>A bed and a meal:</strong> the Exhibition Hall at Anselby has room; so has the sports hall at Hallow Down.</li><li><strong>Missing somebody?</strong> The shelters share one list; ask at any of their doors.</li></ul>`,
};

/** What the newsroom said among itself: minutes ago, who, what. */
const TALK: readonly [at: number, who: string, words: string][] = [
  [171, "Tomas Brandt", "Dune warden on the line. Gap is real, about 40 metres. Writing it now."],
  [
    169,
    "Ines Calder",
    "Key event, please, and pull the “unverified” off the video only when the signaller has called back.",
  ],
  [150, "Tomas Brandt", "Signaller called back. He has the original file. Verified."],
  [41, "Ruth Okafor", "Handing in the parrot in a minute. Somebody has to."],
  [34, "Milo Haas", "Comments are kind tonight. Two hundred people asked about the cattle."],
];

/** The talk, the box and the hand-over. */
export const DESK_CHANGES = TALK.length + 2;

/** The standing box, the desk's talk and who is on duty, each at its time. */
export async function furnishDesk(trx: Trx, cast: Cast, blogId: string, now: Date): Promise<void> {
  const editor = cast.get("Ines Calder")!;
  const box = await lockWhatWeKnow(trx, blogId);
  await writeWhatWeKnow(trx, editor, box, { ...BOX, body: reduceBody(clocked(BOX.body, now)) });
  await sql`update what_we_know set updated_at = ${minutesBefore(now, 30)} where blog_id = ${blogId}`.execute(trx);
  const { userId } = cast.get("Tomas Brandt")!;
  await handOver(trx, editor, blogId, userId, "Wickersand substation is the open question.");
  await trx
    .updateTable("duties")
    .set({ at: minutesBefore(now, 26) })
    .where("blog_id", "=", blogId)
    .where("user_id", "=", userId)
    .execute();
  for (const [at, who, words] of TALK) {
    const { id } = await say(trx, cast.get(who)!, blogId, words);
    await trx
      .updateTable("desk_messages")
      .set({ created_at: minutesBefore(now, at) })
      .where("id", "=", id)
      .execute();
  }
}
