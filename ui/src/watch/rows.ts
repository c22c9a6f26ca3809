/** What the server's HTTP interface answers, read into values. */
import { Fields } from "../fields";
import type { Role } from "../wire";

export const ROLES = ["caller", "supervisor", "admin"] as const;
export type PersonRole = (typeof ROLES)[number];

export interface Me {
  readonly name: string;
  readonly role: PersonRole | null;
  /** How people sign in here. */
  readonly mode: "open" | "key" | "oidc";
  /** What must be said about this server to everybody, as that it is one for development. */
  readonly banner: string;
}

export interface SessionRow {
  readonly id: string;
  readonly agent: string;
  /** What carries it. */
  readonly host: string;
  readonly status: string;
  readonly phase: string;
  readonly turn: number;
  /** Milliseconds since 1970; null when it is not known, or not over. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface SessionPage {
  readonly sessions: readonly SessionRow[];
  /** Where older ones begin; empty when there are none. */
  readonly next: string;
}

export interface PastLine {
  readonly turn: number;
  readonly role: Role;
  readonly text: string;
  readonly isCut: boolean;
  readonly speaker: string;
}

export interface SessionPast extends SessionRow {
  readonly lines: readonly PastLine[];
  /** Its report, as JSON; null while there is none. */
  readonly report: Readonly<Record<string, unknown>> | null;
}

export interface Escalation {
  readonly id: string;
  readonly session: string;
  readonly turn: number;
  readonly reason: string;
  readonly status: "open" | "claimed" | "closed";
  readonly openedAt: number | null;
  readonly claimedBy: string;
  readonly outcome: string;
}

/** One that hears, thinks, speaks or judges for the agents, on the node that was asked. */
export interface Provider {
  readonly kind: string;
  readonly name: string;
  /** Closed: it is asked; open: it is left alone; half open: one request is let through. */
  readonly state: "closed" | "open" | "half open";
  readonly requests: number;
  /** Share of the latest attempts that failed, 0…1. */
  readonly errorRate: number;
  /** Seconds; null until it is known. */
  readonly p95: number | null;
  /** Times another one was asked in its place. */
  readonly fallbacks: number;
  readonly lastError: string;
}

export function readProviders(data: unknown): readonly Provider[] {
  return Fields.of(data).list("providers", (from) => ({
    kind: from.string("kind"),
    name: from.string("name"),
    state: from.oneOf("state", ["closed", "open", "half open"]),
    requests: from.count("requests"),
    errorRate: from.number("error_rate"),
    p95: from.has("p95_s") ? from.number("p95_s") : null,
    fallbacks: from.count("fallbacks"),
    lastError: from.string("last_error", ""),
  }));
}

export function readMe(data: unknown): Me {
  const from = Fields.of(data);
  const person = from.inner("person");
  return {
    name: person?.string("id") ?? "",
    role: person?.oneOf("role", ROLES) ?? null,
    mode: from.oneOf("mode", ["open", "key", "oidc"], "open"),
    banner: from.has("banner") ? from.string("banner") : "",
  };
}

export function readSessions(data: unknown): SessionPage {
  const from = Fields.of(Array.isArray(data) ? { sessions: data } : data);
  return { sessions: from.list("sessions", readSession), next: from.has("next") ? from.string("next") : "" };
}

export function readPast(data: unknown): SessionPast {
  const from = Fields.of(data);
  const lines = from.list("lines", (line) => ({
    turn: line.count("turn", 0),
    role: line.oneOf("role", ["user", "agent", "supervisor"]),
    text: line.string("text"),
    isCut: line.boolean("is_cut", false),
    speaker: line.string("speaker", ""),
  }));
  return { ...readSession(from), lines, report: from.has("report") ? from.object("report") : null };
}

export function readEscalations(data: unknown): readonly Escalation[] {
  return Fields.of(Array.isArray(data) ? { escalations: data } : data).list("escalations", (from) => ({
    id: from.string("id"),
    session: from.string("session"),
    turn: from.count("turn", 0),
    reason: from.string("reason", ""),
    status: from.oneOf("status", ["open", "claimed", "closed"]),
    openedAt: time(from, "opened_at"),
    claimedBy: from.has("claimed_by") ? from.string("claimed_by") : "",
    outcome: from.string("outcome", ""),
  }));
}

function readSession(from: Fields): SessionRow {
  return {
    id: from.string("id"),
    agent: from.string("agent"),
    host: from.has("host") ? from.string("host") : "",
    status: from.string("status", "live"),
    phase: from.has("phase") ? from.string("phase") : "",
    turn: from.has("turn") ? from.count("turn") : 0,
    startedAt: time(from, "started_at"),
    endedAt: time(from, "ended_at"),
  };
}

/** A moment as ISO 8601. */
function time(from: Fields, name: string): number | null {
  const at = from.has(name) ? Date.parse(from.string(name)) : NaN;
  return Number.isNaN(at) ? null : at;
}
