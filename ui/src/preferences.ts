/** What a caller has chosen for this and later visits. Storage may be forbidden: then it lasts as long as the page. */
export interface Preferences {
  /** The microphone; empty for the system's own choice. */
  readonly device: string;
  readonly hearing: "open" | "held";
  readonly hasCaptions: boolean;
}

const KEY = "antiphon.preferences";
const NONE: Preferences = { device: "", hearing: "open", hasCaptions: false };

export function readPreferences(storage: () => Storage = () => localStorage): Preferences {
  try {
    const found: unknown = JSON.parse(storage().getItem(KEY) ?? "{}");
    const { device, hearing, hasCaptions } = (found ?? {}) as Record<string, unknown>;
    return {
      device: typeof device === "string" ? device : NONE.device,
      hearing: hearing === "held" ? "held" : NONE.hearing,
      hasCaptions: hasCaptions === true,
    };
  } catch {
    return NONE;
  }
}

export function keepPreferences(change: Partial<Preferences>, storage: () => Storage = () => localStorage): void {
  try {
    storage().setItem(KEY, JSON.stringify({ ...readPreferences(storage), ...change }));
  } catch {
    // The choice then lasts as long as the page.
  }
}
