-- Conversations: the row that says who holds one, its journal, and what is told from the journal.

create table if not exists app.sessions (
  id text primary key,
  tenant text not null,
  owner text not null,
  agent text not null,
  host text not null,
  status text not null default 'live' check (status in ('live', 'ended', 'lost', 'erased')),
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  epoch integer not null default 1,   -- grows with each node that takes the session over
  node text not null default '',
  resume_digest text not null,
  seen_at timestamptz not null default now(),
  dropped bigint not null default 0,  -- unimportant entries given up while the database was away
  session_report jsonb
);
create index if not exists sessions_by_tenant on app.sessions (tenant, started_at desc, id desc);
create index if not exists sessions_by_owner on app.sessions (tenant, owner, started_at desc, id desc);
create index if not exists sessions_unfinished on app.sessions (seen_at) where status = 'live';

-- The journal. `kind`: header, e (event), c (command), n (note) or tick.
create table if not exists app.events (
  session_id text not null references app.sessions on delete cascade,
  seq bigint not null,
  t double precision not null,
  kind text not null,
  name text not null,
  body jsonb not null,
  primary key (session_id, seq)
);

create table if not exists app.transcript_turns (
  session_id text not null references app.sessions on delete cascade,
  seq bigint not null,
  turn integer not null,
  role text not null,
  speaker text not null default '',
  text text not null,
  is_cut boolean not null default false,
  at timestamptz not null,
  primary key (session_id, seq)
);

create table if not exists app.routing_decisions (
  session_id text not null references app.sessions on delete cascade,
  seq bigint not null,
  turn integer not null,
  from_agent text not null default '',
  to_agent text not null,
  confidence double precision not null,
  reason text not null default '',
  at timestamptz not null,
  primary key (session_id, seq)
);

create table if not exists app.guardrail_events (
  session_id text not null references app.sessions on delete cascade,
  seq bigint not null,
  turn integer not null,
  side text not null,
  action text not null,
  original_text text not null,
  categories_flagged text[] not null default '{}',
  confidence double precision not null,
  at timestamptz not null,
  primary key (session_id, seq)
);

create table if not exists app.escalation_events (
  id text primary key,
  session_id text not null references app.sessions on delete cascade,
  seq bigint not null,
  turn integer not null,
  reason text not null,
  status text not null default 'open' check (status in ('open', 'claimed', 'closed')),
  opened_at timestamptz not null,
  claimed_by text,
  claimed_at timestamptz,
  closed_at timestamptz,
  outcome text not null default '',
  notified_at timestamptz,
  notify_after timestamptz not null default '-infinity',  -- a node that tells someone has until then
  unique (session_id, seq)
);
-- A session that already waits for a person is not listed a second time.
create unique index if not exists escalation_waiting on app.escalation_events (session_id) where status = 'open';
create index if not exists escalation_unfinished on app.escalation_events (opened_at) where status <> 'closed';
create index if not exists escalation_untold on app.escalation_events (opened_at) where notified_at is null;

create table if not exists app.orchestrator_jobs (
  id text primary key,
  session_id text not null references app.sessions on delete cascade,
  turn integer not null default 0,
  status text not null default 'pending' check (status in ('pending', 'running', 'done', 'failed')),
  question text not null default '',
  safe_text text,
  tts_ready boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create index if not exists orchestrator_jobs_by_session on app.orchestrator_jobs (session_id, created_at);

-- Who did what. Rows are added and never changed.
create table if not exists app.audit_log (
  id bigint generated always as identity primary key,
  key text not null unique default gen_random_uuid()::text,  -- so that a repeated write adds nothing
  tenant text not null,
  actor text not null,
  act text not null,
  object text not null default '',
  detail jsonb not null default '{}',
  at timestamptz not null
);
create index if not exists audit_log_by_tenant on app.audit_log (tenant, id desc);
create index if not exists audit_log_by_actor on app.audit_log (actor);
