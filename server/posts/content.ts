import type {
  Author,
  Post,
  PostEmbed,
  PostPicture,
  PostSource,
  PromotedComment,
  Quote,
  Verification,
} from "../database.ts";

/** What an author decides about a post. */
export interface PostFields {
  headline: string | null;
  body: string;
  quote: Quote | null;
  comment: PromotedComment | null;
  media: PostPicture[];
  embeds: PostEmbed[];
  authors: Author[];
  verification: Verification | null;
  verificationNote: string | null;
  correction: string | null;
  tags: string[];
  sources: PostSource[];
  /** For the newsroom alone. */
  note: string | null;
}

export const fieldsOf = (post: Post): PostFields => ({
  headline: post.headline,
  body: post.body,
  quote: post.quote,
  comment: post.comment,
  media: post.media,
  embeds: post.embeds,
  authors: post.authors,
  verification: post.verification,
  verificationNote: post.verification_note,
  correction: post.correction,
  tags: post.tags,
  sources: post.sources,
  note: post.note,
});

/** What a takedown leaves. */
export const NOTHING: PostFields = {
  headline: null,
  body: "",
  quote: null,
  comment: null,
  media: [],
  embeds: [],
  authors: [],
  verification: null,
  verificationNote: null,
  correction: null,
  tags: [],
  sources: [],
  note: null,
};

/** The same as the columns of its row. */
export const contentColumns = (fields: PostFields) => ({
  headline: fields.headline,
  body: fields.body,
  quote: fields.quote,
  comment: fields.comment,
  comment_id: fields.comment?.id ?? null,
  media: fields.media,
  embeds: fields.embeds,
  authors: fields.authors,
  verification: fields.verification,
  verification_note: fields.verificationNote,
  correction: fields.correction,
  tags: fields.tags,
  sources: fields.sources,
  note: fields.note,
});
