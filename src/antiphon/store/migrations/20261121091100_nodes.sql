-- Where the nodes are to be found by people, for what only one of them can do: standing by a call.
create table if not exists app.nodes (
  name text primary key,
  url text not null,
  seen_at timestamptz not null default now()
);
alter table app.nodes enable row level security;
revoke all on app.nodes from anon, authenticated;
grant all on app.nodes to service_role;
drop policy if exists service on app.nodes;
create policy service on app.nodes to service_role using (true) with check (true);
