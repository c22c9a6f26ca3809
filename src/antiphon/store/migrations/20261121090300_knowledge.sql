-- What agents look up: by words everywhere, by meaning where pgvector is to be had.

create table if not exists app.knowledge_chunks (
  id bigint generated always as identity primary key,
  tenant text not null,
  collection text not null,
  source text not null,
  position integer not null default 0,
  text text not null,
  details jsonb not null default '{}',
  words tsvector generated always as (to_tsvector('english', text)) stored,
  unique (tenant, collection, source, position)
);
create index if not exists knowledge_by_words on app.knowledge_chunks using gin (words);

do $$
declare
  place text;
begin
  if exists (select from pg_available_extensions where name = 'vector') then
    begin
      create extension if not exists vector;
    exception when insufficient_privilege then
      raise notice 'pgvector may not be installed by this user: knowledge is searched by words only';
    end;
  end if;
  select n.nspname into place
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector';
  if place is not null then
    execute format('alter table app.knowledge_chunks add column if not exists embedding %I.vector(384)', place);
    execute format(
      'create index if not exists knowledge_by_meaning on app.knowledge_chunks'
      ' using hnsw (embedding %I.vector_cosine_ops)', place);
  end if;
end $$;
