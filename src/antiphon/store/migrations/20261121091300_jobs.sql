-- A job may be called off, and knows which function call asked for it. What it gave is kept for an hour.
alter table app.orchestrator_jobs drop constraint if exists orchestrator_jobs_status_check;
alter table app.orchestrator_jobs add constraint orchestrator_jobs_status_check
  check (status in ('pending', 'running', 'done', 'failed', 'cancelled'));
alter table app.orchestrator_jobs add column if not exists number integer not null default 0;
alter table app.orchestrator_jobs add column if not exists call_id text not null default '';
create index if not exists orchestrator_jobs_expired on app.orchestrator_jobs (expires_at);

-- Jobs whose time is over are gone. Returns how many.
create or replace function app.expire_jobs() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  gone bigint;
begin
  perform set_config('app.forgetting', 'on', true);
  delete from app.orchestrator_jobs j where j.expires_at < now();
  get diagnostics gone = row_count;
  perform set_config('app.forgetting', '', true);
  return gone;
end $$;

revoke execute on function app.expire_jobs() from public;
