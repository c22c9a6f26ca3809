-- People, and what is known about them across calls.

create table if not exists app.users (
  id text primary key,
  tenant text not null,
  role text not null default 'caller' check (role in ('caller', 'supervisor', 'admin')),
  name text not null default '',
  email text not null default '',
  created_at timestamptz not null default now(),
  seen_at timestamptz
);
create index if not exists users_by_tenant on app.users (tenant, created_at desc);

-- What an agent's account tools look up and change.
create table if not exists app.accounts (
  id text primary key,
  tenant text not null,
  owner text not null,
  status text not null default 'active',
  plan text not null default '',
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index if not exists accounts_by_owner on app.accounts (tenant, owner);

-- The summary of a person's last conversation with each agent: loaded when the next one starts.
create table if not exists app.memories (
  tenant text not null,
  owner text not null,
  agent text not null,
  last_interaction text not null default '',
  session_id text not null default '',
  updated_at timestamptz not null default now(),
  primary key (tenant, owner, agent)
);

-- No slot is booked twice, whoever asks at the same instant.
create table if not exists app.appointments (
  id text primary key,
  tenant text not null,
  owner text not null,
  calendar text not null default '',
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  status text not null default 'booked' check (status in ('booked', 'cancelled')),
  session_id text not null default '',
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  check (starts_at < ends_at)
);
create unique index if not exists appointments_slot on app.appointments (tenant, calendar, starts_at)
  where status = 'booked';
create index if not exists appointments_by_owner on app.appointments (tenant, owner, starts_at desc);
