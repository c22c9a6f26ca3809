-- Tokens that are worth nothing any more, by their random ids: signed out, or used where once is all. Until they expire.
create table if not exists app.spent_tokens (
  id text primary key,
  until timestamptz not null
);
create index if not exists spent_tokens_old on app.spent_tokens (until);
alter table app.spent_tokens enable row level security;
revoke all on app.spent_tokens from anon, authenticated;
grant all on app.spent_tokens to service_role;
drop policy if exists service on app.spent_tokens;
create policy service on app.spent_tokens to service_role using (true) with check (true);
