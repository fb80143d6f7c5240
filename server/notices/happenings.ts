import { sql, type RawBuilder } from "kysely";

/** A person's newest comments; what happens to older ones is not told any more. */
const OWN = 500;

/**
 * What happened to a person and to their comments, as rows of one shape: read from where it happened, so that nothing is
 * told of what was taken back.
 */
export const happenings = (userId: string): RawBuilder<unknown> => sql`
  with own as (
    select id, blog_id, root_id, status, decided_at, reason_code, reason_text, deleted_at from comments
    where author_id = ${userId} order by created_at desc, id desc limit ${sql.lit(OWN)}
  )
  ${approvals} union all ${rejections} union all ${promotions} union all ${replies(userId)} union all ${restrictions(userId)}`;

/** Those that had waited: nobody is told that what they see already may stay. */
const approvals = sql`
  select 'approved' as kind, least(own.decided_at, let.at) as at, own.blog_id, own.id as comment_id,
    null::bigint as reply_id, null::bigint as post_id, null as answer, null as reason_code, null as reason,
    null::bigint as restriction_id, null as restriction, null::timestamptz as until
  from own, lateral (
    select max(at) as at from moderation_log
    where comment_id = own.id and kind = 'approve' and from_status in ('pending', 'held', 'rejected')
  ) as let
  where own.status = 'approved' and own.deleted_at is null and let.at is not null and own.decided_at is not null`;

const rejections = sql`
  select 'rejected', decided_at, blog_id, id, null, null, null, reason_code, reason_text, null, null, null
  from own where status = 'rejected' and decided_at is not null and deleted_at is null`;

const promotions = sql`
  select 'promoted', posts.published_at, own.blog_id, own.id, null, posts.id, posts.body, null, null, null, null, null
  from own join posts on posts.comment_id = own.id where posts.status = 'published'`;

/** Answers that everybody sees, since the moment they do; but those of the muted. */
const replies = (userId: string) => sql`
  select 'reply', case when answer.initial_status in ('pending', 'held', 'rejected')
      then greatest(answer.created_at, answer.decided_at) else answer.created_at end,
    own.blog_id, own.id, answer.id, null, null, null, null, null, null, null
  from own join comments answer on answer.root_id = own.root_id and answer.parent_id = own.id
  where answer.face = 'comment' and answer.author_id is distinct from ${userId}
    and not exists (select from commenter_mutes where user_id = ${userId} and muted_id = answer.author_id)`;

const restrictions = (userId: string) => sql`
  select 'restriction', created_at, blog_id, null, null, null, null, null, message, id, kind, until
  from commenter_restrictions where user_id = ${userId} and kind <> 'premoderate' and lifted_at is null`;
