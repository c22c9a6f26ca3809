import { WireError } from "../fields";
import { HttpError } from "../http";

/** What went wrong, for people. */
export interface Trouble {
  readonly says: string;
  /** Somebody else may do it: one has to sign in. */
  readonly needsSignIn: boolean;
}

/** What the server refused, or said wrongly. Anything else is a fault of the page, and thrown on. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof HttpError) return { says: sentence(error.message), needsSignIn: error.status === 401 || error.status === 403 };
  if (error instanceof WireError) return { says: `The server's answer could not be read: ${error.message}.`, needsSignIn: false };
  throw error;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function sentence(text: string): string {
  const first = capitalized(text);
  return /[.!?]$/.test(first) || !first ? first : `${first}.`;
}
