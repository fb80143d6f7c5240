import { InputRule, Mark, markInputRule, Node, textblockTypeInputRule, wrappingInputRule } from "@tiptap/core";
import { tableSchema } from "./table-schema.ts";

/*
 * What a text may hold: the same few elements that server/posts/body.ts keeps. The packages that TipTap offers for them
 * bring twice the code for options that nobody here needs.
 */

const Document = Node.create({ name: "doc", topNode: true, content: "(block | table)+" });

const Paragraph = Node.create({
  name: "paragraph",
  priority: 1000,
  group: "block",
  content: "inline*",
  parseHTML: () => [{ tag: "p" }],
  renderHTML: () => ["p", 0],
});

const Text = Node.create({ name: "text", group: "inline" });

const HardBreak = Node.create({
  name: "hardBreak",
  group: "inline",
  inline: true,
  selectable: false,
  linebreakReplacement: true,
  parseHTML: () => [{ tag: "br" }],
  renderHTML: () => ["br"],
  renderText: () => "\n",
  addKeyboardShortcuts() {
    return { "Shift-Enter": () => this.editor.commands.insertContent({ type: this.name }) };
  },
});

/** Any heading becomes the one that a post can have. */
const Subhead = Node.create({
  name: "subhead",
  group: "block",
  content: "inline*",
  defining: true,
  parseHTML: () => ["h3", "h1", "h2", "h4", "h5", "h6"].map((tag) => ({ tag })),
  renderHTML: () => ["h3", 0],
  addKeyboardShortcuts() {
    return { "Mod-Alt-3": () => this.editor.commands.toggleNode(this.name, "paragraph") };
  },
  addInputRules() {
    return [textblockTypeInputRule({ find: /^#{2,3}\s$/, type: this.type })];
  },
});

const Quotation = Node.create({
  name: "quotation",
  group: "block",
  content: "block+",
  defining: true,
  parseHTML: () => [{ tag: "blockquote" }],
  renderHTML: () => ["blockquote", 0],
  addKeyboardShortcuts() {
    return { "Mod-Shift-b": () => this.editor.commands.toggleWrap(this.name) };
  },
  addInputRules() {
    return [wrappingInputRule({ find: /^\s*>\s$/, type: this.type })];
  },
});

const BulletList = Node.create({
  name: "bulletList",
  group: "block list",
  content: "listItem+",
  parseHTML: () => [{ tag: "ul" }],
  renderHTML: () => ["ul", 0],
  addKeyboardShortcuts() {
    return { "Mod-Shift-8": () => this.editor.commands.toggleList(this.name, "listItem") };
  },
  addInputRules() {
    return [wrappingInputRule({ find: /^\s*[-*•]\s$/, type: this.type })];
  },
});

const OrderedList = Node.create({
  name: "orderedList",
  group: "block list",
  content: "listItem+",
  parseHTML: () => [{ tag: "ol" }],
  renderHTML: () => ["ol", 0],
  addKeyboardShortcuts() {
    return { "Mod-Shift-7": () => this.editor.commands.toggleList(this.name, "listItem") };
  },
  addInputRules() {
    // Only a one begins a list: "2024. " and "10. " are how sentences end.
    return [wrappingInputRule({ find: /^1[.)]\s$/, type: this.type })];
  },
});

/** Tab stays the way out of the text; Ctrl+] and Ctrl+[ move an item in and out. */
const ListItem = Node.create({
  name: "listItem",
  content: "paragraph block*",
  defining: true,
  parseHTML: () => [{ tag: "li" }],
  renderHTML: () => ["li", 0],
  addKeyboardShortcuts() {
    const { name } = this;
    return {
      Enter: () => this.editor.commands.splitListItem(name),
      "Mod-]": () => this.editor.commands.sinkListItem(name),
      "Mod-[": () => this.editor.commands.liftListItem(name),
      Backspace: () => {
        const { empty, $from } = this.editor.state.selection;
        const first = empty && $from.parentOffset === 0 && $from.depth > 1 && $from.node(-1).type.name === name;
        return first && $from.index(-1) === 0 && this.editor.commands.liftListItem(name);
      },
    };
  },
});

const Strong = Mark.create({
  name: "strong",
  parseHTML: () => [{ tag: "strong" }, { tag: "b" }],
  renderHTML: () => ["strong", 0],
  addKeyboardShortcuts() {
    return { "Mod-b": () => this.editor.commands.toggleMark(this.name) };
  },
  addInputRules() {
    return [markInputRule({ find: /(?:^|\s)(\*\*(?!\s)((?:[^*]+))\*\*)$/, type: this.type })];
  },
});

const Emphasis = Mark.create({
  name: "em",
  parseHTML: () => [{ tag: "em" }, { tag: "i" }],
  renderHTML: () => ["em", 0],
  addKeyboardShortcuts() {
    return { "Mod-i": () => this.editor.commands.toggleMark(this.name) };
  },
});

/** Where a link in a post can lead: another site, an address, or a page of this one. As posts/body.ts has it. */
const LINK = /^(https?:\/\/|mailto:|\/(?![/\\])|#)/i;

const Link = Mark.create({
  name: "link",
  inclusive: false,
  exitable: true,
  addAttributes: () => ({ href: { default: null, rendered: false } }),
  parseHTML: () => [
    {
      tag: "a[href]",
      getAttrs: (element) => {
        const href = element.getAttribute("href")!.trim();
        return LINK.test(href) && { href };
      },
    },
  ],
  renderHTML: ({ mark }) => ["a", { href: mark.attrs.href as string, rel: "noopener nofollow" }, 0],
  addInputRules() {
    const { type } = this;
    return [
      new InputRule({
        find: /(?:^|\s)(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])([.,;:!?)]*)\s$/,
        handler({ state, range, match: [, address, after] }) {
          const from = range.to - after!.length - address!.length;
          const to = range.to - after!.length;
          state.tr
            .insertText(" ", range.to)
            .addMark(from, to, type.create({ href: address }))
            .removeStoredMark(type);
        },
      }),
    ];
  },
});

export const bodySchema = [
  Document,
  Paragraph,
  Text,
  HardBreak,
  Subhead,
  Quotation,
  BulletList,
  OrderedList,
  ListItem,
  Strong,
  Emphasis,
  Link,
  ...tableSchema,
];

/** @returns the address as a link can have it, or null: people leave out the "https://" */
export function linkAddress(typed: string): string | null {
  const text = typed.trim();
  if (/^[^\s@/]+@[^\s@/]+\.[a-z]{2,}$/i.test(text)) return `mailto:${text}`;
  const address = LINK.test(text) ? text : /^[a-z0-9-]+(\.[a-z0-9-]+)+(\/\S*)?$/i.test(text) ? `https://${text}` : "";
  if (!/^https?:/i.test(address)) return address || null;
  return URL.canParse(address) ? address : null;
}
