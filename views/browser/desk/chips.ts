import type { Fields } from "./composition.ts";
import { button, el } from "./elements.ts";

const VERIFICATIONS = {
  unverified: "Unverified",
  "partly-verified": "Partly verified",
  verified: "Verified",
  disputed: "Disputed",
} as const;

interface Chip {
  readonly label: string;
  /** What is open when it is pressed. */
  readonly field: string;
  readonly without: Partial<Fields>;
}

/** What is set on the post and not seen otherwise, each with a way to take it off again. */
export function drawChips(
  box: HTMLElement,
  fields: Fields,
  change: (change: Partial<Fields>) => void,
  open: (field: string) => void,
): void {
  const drawn = JSON.stringify(chipsOf(fields));
  if (box.dataset.drawn === drawn) return;
  box.dataset.drawn = drawn;
  box.replaceChildren(
    ...chipsOf(fields).map(({ label, field, without }) =>
      el(
        "span",
        { class: "chip" },
        button(label, { class: "chip-label" }, () => open(field)),
        button("×", { class: "chip-remove", "aria-label": `Remove ${label}` }, () => change(without)),
      ),
    ),
  );
}

function chipsOf({ authors, tags, verification, verificationNote, sources, note, correction }: Fields): Chip[] {
  const shown = verification && (verification !== "unverified" || verificationNote);
  return [
    ...(authors ? [{ label: bylineOf(authors), field: "#composer-byline", without: { authors: null } }] : []),
    ...(shown
      ? [
          {
            label: verificationNote
              ? `${VERIFICATIONS[verification]}: ${short(verificationNote)}`
              : VERIFICATIONS[verification],
            field: "#composer-verification",
            without: { verification: null, verificationNote: "" },
          },
        ]
      : []),
    ...tags.map((tag) => ({
      label: `#${tag}`,
      field: "#composer-tags",
      without: { tags: tags.filter((other) => other !== tag) },
    })),
    ...sources.map((source) => ({
      label: `${source.public ? "Source" : "Source, internal"}: ${short(source.name || source.url || source.note)}`,
      field: "[data-composer=add-source]",
      without: { sources: sources.filter((other) => other !== source) },
    })),
    ...(note.trim() ? [{ label: `Note: ${short(note)}`, field: "#composer-note", without: { note: "" } }] : []),
    ...(correction.trim()
      ? [{ label: `Correction: ${short(correction)}`, field: "#composer-correction", without: { correction: "" } }]
      : []),
  ];
}

const bylineOf = (authors: NonNullable<Fields["authors"]>): string =>
  authors.length ? `By ${authors.map(({ name }) => name).join(", ")}` : "No byline";

const short = (text: string): string => (text.length > 30 ? `${text.slice(0, 28).trim()} …` : text.trim());
