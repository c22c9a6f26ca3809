-- Since when a session counts as lost: one that still is some time later is brought to its end.
alter table app.sessions add column if not exists lost_at timestamptz;
create index if not exists sessions_lost on app.sessions (lost_at) where status = 'lost';
