-- Who sees what: a caller their own rows, a supervisor and an admin those of their tenant, the service all.
-- The tables' owner, who is the service, is not bound by policies.

do $$
declare
  name text;
begin
  foreach name in array array[
    'users', 'accounts', 'memories', 'appointments', 'sessions', 'events', 'transcript_turns',
    'routing_decisions', 'guardrail_events', 'escalation_events', 'orchestrator_jobs', 'audit_log',
    'knowledge_chunks', 'migrations'
  ] loop
    execute format('alter table app.%I enable row level security', name);
    execute format('revoke all on app.%I from anon, authenticated', name);
    execute format('grant all on app.%I to service_role', name);
    execute format('drop policy if exists service on app.%I', name);
    execute format('create policy service on app.%I to service_role using (true) with check (true)', name);
    execute format('drop policy if exists seen on app.%I', name);
  end loop;

  -- Rows that name their owner.
  foreach name in array array['accounts', 'memories', 'appointments', 'sessions'] loop
    execute format('grant select on app.%I to authenticated', name);
    execute format(
      'create policy seen on app.%I for select to authenticated using ('
      ' tenant = (select app.tenant()) and (owner = (select app.uid()) or (select app.is_staff())))', name);
  end loop;

  -- Rows of a session are seen by whoever sees the session.
  foreach name in array array[
    'events', 'transcript_turns', 'routing_decisions', 'guardrail_events', 'escalation_events',
    'orchestrator_jobs'
  ] loop
    execute format('grant select on app.%I to authenticated', name);
    execute format(
      'create policy seen on app.%I for select to authenticated using ('
      ' exists (select from app.sessions s where s.id = session_id))', name);
  end loop;
end $$;

grant usage, select on all sequences in schema app to service_role;

-- The proof of being the session's caller is nobody's to read.
revoke select on app.sessions from authenticated;
grant select (
  id, tenant, owner, agent, host, status, started_at, ended_at, epoch, node, seen_at, dropped, session_report
) on app.sessions to authenticated;

grant select on app.users, app.audit_log, app.knowledge_chunks to authenticated;
create policy seen on app.users for select to authenticated using (
  tenant = (select app.tenant()) and (id = (select app.uid()) or (select app.is_staff())));
create policy seen on app.audit_log for select to authenticated using (
  tenant = (select app.tenant()) and (select app.is_admin()));
create policy seen on app.knowledge_chunks for select to authenticated using (
  tenant = (select app.tenant()));

-- A supervisor takes up and closes escalations, in their own name.
grant update (status, claimed_by, claimed_at, closed_at, outcome) on app.escalation_events to authenticated;
drop policy if exists attended on app.escalation_events;
create policy attended on app.escalation_events for update to authenticated
  using ((select app.is_staff()) and exists (select from app.sessions s where s.id = session_id))
  with check (claimed_by is null or claimed_by = (select app.uid()) or (select app.is_admin()));
