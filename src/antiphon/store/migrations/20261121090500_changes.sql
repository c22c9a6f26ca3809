-- What is never changed, who is told of changes, and the two ways in which something is forgotten.

create or replace function app.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  if coalesce(current_setting('app.forgetting', true), '') <> 'on' then
    raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['events', 'audit_log'] loop
    execute format('create or replace trigger append_only before update or delete on app.%I'
      ' for each row execute function app.refuse_change()', name);
    execute format('create or replace trigger append_only_whole before truncate on app.%I'
      ' for each statement execute function app.refuse_change()', name);
  end loop;
end $$;

-- Identifiers only: what changed is read, under the reader's own rights, from the table.
create or replace function app.tell() returns trigger
language plpgsql set search_path = '' as $$
declare
  of_tenant text;
  session text;
begin
  if tg_table_name = 'sessions' then
    of_tenant := new.tenant;
    session := new.id;
  else
    session := new.session_id;
    select s.tenant into of_tenant from app.sessions s where s.id = new.session_id;
  end if;
  perform pg_notify('app_changes', json_build_object(
    'table', tg_table_name, 'id', new.id, 'session', session, 'tenant', of_tenant)::text);
  return null;
end $$;

create or replace trigger told_new after insert on app.sessions for each row execute function app.tell();
create or replace trigger told_changed after update of status, epoch on app.sessions for each row
  when (old.status is distinct from new.status or old.epoch is distinct from new.epoch)
  execute function app.tell();
create or replace trigger told_new after insert on app.escalation_events for each row execute function app.tell();
create or replace trigger told_changed after update of status on app.escalation_events for each row
  when (old.status is distinct from new.status) execute function app.tell();

-- Supabase's Realtime, where it is: browsers may subscribe to the same rows.
do $$
declare
  name text;
begin
  if exists (select from pg_publication where pubname = 'supabase_realtime') then
    foreach name in array array['escalation_events', 'transcript_turns', 'sessions'] loop
      if not exists (select from pg_publication_tables
                     where pubname = 'supabase_realtime' and schemaname = 'app' and tablename = name) then
        execute format('alter publication supabase_realtime add table app.%I', name);
      end if;
    end loop;
  end if;
end $$;

-- Nothing that a person said or is known by is left; that there were sessions, and when, is. Live ones are
-- ended and their node is fenced.
create or replace function app.erase_person(of_tenant text, person text, out sessions bigint, out entries bigint)
language plpgsql security definer set search_path = '' as $$
declare
  theirs text[];
begin
  perform set_config('app.forgetting', 'on', true);
  theirs := array(select s.id from app.sessions s where s.tenant = of_tenant and s.owner = person);
  update app.sessions s
    set owner = '', status = 'erased', session_report = null, resume_digest = '', epoch = s.epoch + 1,
        ended_at = coalesce(s.ended_at, now())
    where s.id = any (theirs);
  get diagnostics sessions = row_count;
  delete from app.events e where e.session_id = any (theirs);
  get diagnostics entries = row_count;
  delete from app.transcript_turns x where x.session_id = any (theirs);
  delete from app.routing_decisions x where x.session_id = any (theirs);
  delete from app.guardrail_events x where x.session_id = any (theirs);
  delete from app.escalation_events x where x.session_id = any (theirs);
  delete from app.orchestrator_jobs x where x.session_id = any (theirs);
  delete from app.memories x where x.tenant = of_tenant and x.owner = person;
  delete from app.accounts x where x.tenant = of_tenant and x.owner = person;
  delete from app.users x where x.tenant = of_tenant and x.id = person;
  update app.appointments x set owner = '', details = '{}', status = 'cancelled'
    where x.tenant = of_tenant and x.owner = person;
  update app.audit_log x set actor = 'erased' where x.tenant = of_tenant and x.actor = person;
  update app.audit_log x set object = 'erased', detail = '{}' where x.tenant = of_tenant and x.object = person;
  perform set_config('app.forgetting', '', true);
end $$;

-- Sessions last heard of before `moment` are gone with all that belongs to them. The audit stays.
create or replace function app.prune(moment timestamptz) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  gone bigint;
begin
  perform set_config('app.forgetting', 'on', true);
  delete from app.sessions s where s.seen_at < moment and coalesce(s.ended_at, s.seen_at) < moment;
  get diagnostics gone = row_count;
  perform set_config('app.forgetting', '', true);
  return gone;
end $$;

revoke execute on function app.erase_person(text, text), app.prune(timestamptz) from public;
grant execute on function app.erase_person(text, text), app.prune(timestamptz) to service_role;
