import { Fields } from "../fields";

/** Leave to enter a room, as the server grants it. */
export interface Grant {
  readonly url: string;
  readonly token: string;
  readonly session: string;
  /** The rooms are those of the server itself, for developing on one machine. */
  readonly isDevRoom: boolean;
}

export function readGrant(data: unknown): Grant {
  const from = Fields.of(data);
  return {
    url: from.string("url"),
    token: from.string("token"),
    session: from.string("session"),
    isDevRoom: from.boolean("is_dev_room", false),
  };
}

/** Who somebody in a room is. */
export type Guest = "student" | "agent" | "person";

/** What the identity of every supervisor begins with, and nobody else's. */
const PERSON = "teacher-";

export function guestOf(identity: string, isAgent: boolean): Guest {
  if (isAgent) return "agent";
  return identity.startsWith(PERSON) ? "person" : "student";
}

/** A person's name, for others. */
export function nameOf(identity: string, name: string): string {
  return name || identity.replace(PERSON, "");
}
