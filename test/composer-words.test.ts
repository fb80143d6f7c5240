import { expect, test } from "vitest";
import { splitQuote } from "../views/browser/desk/quote-split.ts";
import { instantsOf, inWords, wallClock } from "../views/browser/desk/zone-time.ts";

test.each([
  [
    "“The dam held, and that is all that matters tonight,” said Ilse Marten, the mayor of Overwick.",
    { text: "The dam held, and that is all that matters tonight", name: "Ilse Marten", role: "mayor of Overwick" },
  ],
  [
    '"We had four minutes to leave the house." — Jonas Reed',
    { text: "We had four minutes to leave the house.", name: "Jonas Reed", role: "" },
  ],
  [
    "Sprecherin der Feuerwehr / Anja Kolb: »Wir haben alle Keller ausgepumpt.«",
    { text: "Wir haben alle Keller ausgepumpt.", name: "Anja Kolb", role: "Sprecherin der Feuerwehr" },
  ],
  [
    "Tomas Vel, head of the harbour police, said: “Nobody is missing any more.”",
    { text: "Nobody is missing any more.", name: "Tomas Vel", role: "head of the harbour police" },
  ],
  [
    "„Der Zug fährt heute nicht mehr“, sagte Petra Lindt, Sprecherin der Bahn.",
    { text: "Der Zug fährt heute nicht mehr", name: "Petra Lindt", role: "Sprecherin der Bahn" },
  ],
  [
    "« Le pont est fermé jusqu’à demain », a déclaré Marc Delon, préfet de la région.",
    { text: "Le pont est fermé jusqu’à demain", name: "Marc Delon", role: "préfet de la région" },
  ],
  [
    "“We counted every vote,” said Ruth Amadi. “There is nothing left to count.”",
    { text: "We counted every vote. There is nothing left to count.", name: "Ruth Amadi", role: "" },
  ],
  [
    "“I will not resign today,” said the finance minister Edda Holm.",
    { text: "I will not resign today", name: "Edda Holm", role: "finance minister" },
  ],
])("a passage with quotation marks and a speaker is understood: %s", (passage, quote) => {
  expect(splitQuote(passage)).toEqual(quote);
});

test.each([
  "The dam held through the night, the mayor said.",
  "They call it the “great flood” in Overwick, where people remember another one.",
  "“Yes,” he said, and then “no,” and then “perhaps,” until everybody had gone home.",
  "“No one”",
  "He opened the book “A Winter by the Sea, Remembered” and read from it for an hour to all of us.",
])("a passage that only has quotation marks is left alone: %s", (passage) => {
  expect(splitQuote(passage)).toBeNull();
});

test("a time on the newsroom's clock is the instant that it means there", () => {
  expect(instantsOf("2026-11-22T07:40", "Europe/London")).toEqual([new Date("2026-11-22T07:40:00Z")]);
  expect(instantsOf("2026-07-01T07:40:30", "Europe/Berlin")).toEqual([new Date("2026-07-01T05:40:30Z")]);
  expect(instantsOf("2026-07-01T07:40", "Asia/Kathmandu")).toEqual([new Date("2026-07-01T01:55:00Z")]);
});

test("a time that the clocks jump over does not exist, and one that they go through twice exists twice", () => {
  expect(instantsOf("2027-03-28T01:30", "Europe/London")).toEqual([]);
  expect(instantsOf("2026-10-25T01:30", "Europe/London")).toEqual([
    new Date("2026-10-25T00:30:00Z"),
    new Date("2026-10-25T01:30:00Z"),
  ]);
  expect(instantsOf("2026-11-01T01:15", "America/New_York")).toHaveLength(2);
  expect(inWords(new Date("2026-10-25T00:30:00Z"), "Europe/London")).toContain("01:30:00 BST");
  expect(inWords(new Date("2026-10-25T01:30:00Z"), "Europe/London")).toContain("01:30:00 GMT");
});

test("an instant is written into the fields as the newsroom's clock shows it", () => {
  expect(wallClock(new Date("2026-12-31T23:30:05Z"), "Europe/Berlin")).toEqual({
    date: "2027-01-01",
    time: "00:30:05",
  });
});

test("what is not a time is no instant", () => {
  expect(instantsOf("T", "Europe/London")).toEqual([]);
});
