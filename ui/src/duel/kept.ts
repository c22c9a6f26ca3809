import { Fields } from "../fields";
import { Http } from "../http";
import { type Duel, readDuel } from "./model";
import { decoded } from "./sound";

/** The duels that are kept on the server. */
export class Kept {
  /** Newest first, without what happened in them; null until they were asked for. */
  duels: readonly Duel[] | null = null;
  /** Why they are not to be had. */
  trouble = "";
  private readonly watchers = new Set<() => void>();

  constructor(private readonly http = new Http()) {}

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): readonly Duel[] | null => this.duels;

  async refresh(): Promise<void> {
    try {
      const told = Fields.of(await this.http.get("api/duels"));
      this.duels = told.objects("duels").map(readDuel);
      this.trouble = "";
    } catch (error) {
      this.duels = this.duels ?? [];
      this.trouble = error instanceof Error ? error.message : String(error);
    }
    for (const watcher of this.watchers) watcher();
  }

  /** What that agent suggests to ask; nothing where it cannot be learned. */
  async questions(agent: string): Promise<readonly string[]> {
    try {
      const agents = (await this.http.get("api/agents")) as unknown[];
      const found = agents.map(Fields.of).find((each) => each.string("name") === agent);
      return found?.strings("suggestions") ?? [];
    } catch {
      return [];
    }
  }

  /** One of them, spoken. Throws HttpError. */
  async question(agent: string, at: number): Promise<Float32Array<ArrayBuffer>> {
    const file = await this.http.answer(`api/agents/${encodeURIComponent(agent)}/questions/${at}.wav`, {});
    return decoded(await file.arrayBuffer());
  }

  /** Throws HttpError. */
  async get(id: string): Promise<Duel> {
    return readDuel(await this.http.get(`api/duels/${encodeURIComponent(id)}`));
  }

  /** What was said, and heard on its lanes, by way. Throws HttpError. */
  async sounds({ id, lanes }: Duel): Promise<Map<string, Float32Array<ArrayBuffer>>> {
    const names = ["utterance", ...lanes.filter(({ hasSound }) => hasSound).map(({ via }) => via)];
    const files = await Promise.all(names.map((name) => this.http.answer(`api/duels/${encodeURIComponent(id)}/${name}.wav`, {})));
    const sounds = await Promise.all(files.map(async (file) => decoded(await file.arrayBuffer(), Infinity)));
    return new Map(names.map((name, at) => [name, sounds[at]!]));
  }

  /** As it is kept. Throws HttpError. */
  async save(sent: object): Promise<Duel> {
    const saved = readDuel(await this.http.post("api/duels", sent));
    await this.refresh();
    return saved;
  }

  /** Throws HttpError. */
  async remove(id: string): Promise<void> {
    await this.http.delete(`api/duels/${encodeURIComponent(id)}`);
    await this.refresh();
  }
}
