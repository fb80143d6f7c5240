import { part } from "./elements.ts";
import type { Byline, Tags } from "./list-fields.ts";
import { asTag, findPeople, findTags } from "./pick-field.ts";
import type { Suggester, Suggestion } from "./suggestions.ts";

interface Targets {
  readonly byline: Byline;
  readonly tags: Tags;
  /** Whether this person may mark posts. */
  readonly canMark: boolean;
  chooseFiles(): void;
  changed(): void;
}

/** What can be done from within the text: "/key", "@name", "#tag". */
export function textSuggesters(form: HTMLFormElement, blog: string, targets: Targets): Suggester[] {
  const press = (selector: string) => () => part(form, selector).click();
  const commands: (Suggestion & { name: string })[] = [
    ...(targets.canMark
      ? [
          { name: "key", label: "/key", hint: "Key event", choose: press("[data-mark=keyEvent]") },
          { name: "pin", label: "/pin", hint: "Pin to the top", choose: press("[data-mark=pinned]") },
          { name: "summary", label: "/summary", hint: "Sums up what happened", choose: press("[data-mark=summary]") },
        ]
      : []),
    { name: "unverified", label: "/unverified", hint: "Mark as unverified", choose: press("[data-mark=unverified]") },
    { name: "quote", label: "/quote", hint: "Make it a quote", choose: press("[name=kind][value=quote]") },
    { name: "h", label: "/h", hint: "Headline", choose: press("[data-composer=headline-button][aria-pressed=false]") },
    { name: "image", label: "/image", hint: "Add a picture", choose: () => targets.chooseFiles() },
    { name: "table", label: "/table", hint: "Add a table", choose: press("[data-tool=table]") },
    { name: "source", label: "/source", hint: "Add a source", choose: source },
  ];

  function source(): void {
    const more = part(form, "[data-composer=more-button]");
    if (more.getAttribute("aria-expanded") === "false") more.click();
    part(form, "[data-composer=add-source]").click();
  }

  return [
    {
      sign: "/",
      label: "Commands",
      find: (query) => commands.filter(({ name }) => name.startsWith(query.toLowerCase())),
      isWhole: (query) => commands.some(({ name }) => name === query.toLowerCase()),
    },
    {
      sign: "@",
      label: "People for the byline",
      async find(query, signal) {
        if (!query) return [];
        const people = await findPeople(query, signal);
        return people.map((person) => ({
          label: person.name,
          hint: "Byline",
          choose: () => targets.byline.add({ name: person.name, slug: person.slug }),
        }));
      },
    },
    {
      sign: "#",
      label: "Tags",
      async find(query, signal) {
        // "#1" is a number more often than a tag.
        if (!/^\p{L}/u.test(query)) return [];
        const tag = asTag(query);
        const known = await findTags(blog, tag, signal);
        const choice = (name: string, hint: string): Suggestion => ({
          label: `#${name}`,
          hint,
          choose: () => targets.tags.add(name),
        });
        return [
          ...known.map(({ tag, posts }) => choice(tag, posts === 1 ? "1 post" : `${posts} posts`)),
          ...(known.some((one) => one.tag === tag) ? [] : [choice(tag, "New tag")]),
        ];
      },
    },
  ];
}
