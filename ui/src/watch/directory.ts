/** What a supervisor sees of all conversations: a pure fold over what the server answered. */
import type { Escalation, Me, Provider, SessionPage, SessionRow } from "./rows";

export interface Directory {
  /** Null until the server has said. */
  readonly me: Me | null;
  /** Newest first. */
  readonly sessions: readonly SessionRow[];
  /** Where sessions older than these begin; empty when there are none. */
  readonly next: string;
  /** Open ones first, the longest waiting first; then the others, newest first. */
  readonly escalations: readonly Escalation[];
  readonly providers: readonly Provider[];
  /** Escalations have been read once: what is new from then on is announced. */
  readonly isRead: boolean;
  /** Changes are told by the server as they happen. */
  readonly isLinked: boolean;
  readonly trouble: string;
  /** For screen readers. */
  readonly announcement: string;
}

export type DirectoryAction =
  | { readonly did: "know"; readonly me: Me }
  | { readonly did: "list"; readonly page: SessionPage }
  | { readonly did: "list older"; readonly page: SessionPage }
  | { readonly did: "escalate"; readonly escalations: readonly Escalation[] }
  | { readonly did: "provide"; readonly providers: readonly Provider[] }
  | { readonly did: "link"; readonly isLinked: boolean }
  | { readonly did: "fail"; readonly what: string }
  | { readonly did: "dismiss" };

export const EMPTY: Directory = {
  me: null,
  sessions: [],
  next: "",
  escalations: [],
  providers: [],
  isRead: false,
  isLinked: false,
  trouble: "",
  announcement: "",
};

export function reduceDirectory(state: Directory, action: DirectoryAction): Directory {
  switch (action.did) {
    case "know":
      return { ...state, me: action.me, trouble: "" };
    case "list":
      return withNewest(state, action.page);
    case "list older": {
      const known = new Set(state.sessions.map((row) => row.id));
      const older = action.page.sessions.filter((row) => !known.has(row.id));
      return { ...state, sessions: [...state.sessions, ...older], next: action.page.next };
    }
    case "escalate": {
      const escalations = inOrder(action.escalations);
      return { ...state, escalations, isRead: true, announcement: toAnnounce(state, escalations) };
    }
    case "provide":
      return { ...state, providers: action.providers };
    case "link":
      return { ...state, isLinked: action.isLinked };
    case "fail":
      return { ...state, trouble: action.what };
    case "dismiss":
      return { ...state, trouble: "" };
  }
}

export function waiting(escalations: readonly Escalation[]): readonly Escalation[] {
  return escalations.filter((each) => each.status === "open");
}

export function live(sessions: readonly SessionRow[]): readonly SessionRow[] {
  return sessions.filter((row) => row.status === "live");
}

/** The first page again: what it says holds, and the older pages that were read stay below it. */
function withNewest(state: Directory, page: SessionPage): Directory {
  const newest = new Set(page.sessions.map((row) => row.id));
  const last = page.sessions.at(-1)?.startedAt ?? null;
  const isOlder = (row: SessionRow) => last !== null && row.startedAt !== null && row.startedAt <= last && !newest.has(row.id);
  const older = page.next ? state.sessions.filter(isOlder) : [];
  return { ...state, sessions: [...page.sessions, ...older], next: older.length ? state.next : page.next };
}

function inOrder(escalations: readonly Escalation[]): readonly Escalation[] {
  const at = (each: Escalation) => each.openedAt ?? 0;
  const open = waiting(escalations).toSorted((one, other) => at(one) - at(other));
  const others = escalations.filter((each) => each.status !== "open").toSorted((one, other) => at(other) - at(one));
  return [...open, ...others];
}

function toAnnounce(state: Directory, escalations: readonly Escalation[]): string {
  const open = waiting(escalations);
  if (!state.isRead) return open.length ? `Waiting for a person: ${open.length}` : state.announcement;
  const known = new Set(waiting(state.escalations).map((each) => each.id));
  const fresh = open.filter((each) => !known.has(each.id));
  if (!fresh.length) return state.announcement;
  return `A caller asks for a person: ${fresh.map((each) => each.reason || "no reason given").join("; ")}. Waiting: ${open.length}`;
}
