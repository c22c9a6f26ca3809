/** The page's notes of one agent, and what is done with them. */
import { Http } from "../http";
import { type AgentName, agentsWith } from "../studio/agents";
import { type Trouble, troubleOf } from "../studio/trouble";
import { type Draft, type Fault, faultOf, KnowledgeApi, type Note, type Notes, type Passage } from "./notes";

/** A note that is being written. */
export interface Writing {
  /** Empty: a further one. */
  readonly id: string;
  readonly draft: Draft;
  readonly fault: Fault | null;
  readonly isSending: boolean;
}

export interface Known {
  /** Null until the server has said. */
  readonly agents: readonly AgentName[] | null;
  readonly agent: string;
  readonly notes: Notes | null;
  /** What was asked last, and what it found; null: nothing was asked. */
  readonly found: { readonly question: string; readonly passages: readonly Passage[] } | null;
  readonly writing: Writing | null;
  readonly trouble: Trouble | null;
  /** What was done, for those who do not see it. */
  readonly done: string;
}

export class Desk {
  private known: Known;
  private readonly watchers = new Set<() => void>();
  private readonly api: KnowledgeApi;

  constructor(
    agent: string,
    private readonly http = new Http(),
  ) {
    this.api = new KnowledgeApi(http);
    this.known = { agents: null, agent, notes: null, found: null, writing: null, trouble: null, done: "" };
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  readonly snapshot = (): Known => this.known;

  async open(): Promise<void> {
    await this.attempt(async () => {
      const agents = await agentsWith(this.http, "knowledge");
      const agent = agents.find(({ name }) => name === this.known.agent)?.name ?? agents[0]?.name ?? "";
      this.know({ agents, agent });
      await this.read();
    });
  }

  async choose(agent: string): Promise<void> {
    this.know({ agent, notes: null, found: null, writing: null, done: "" });
    await this.attempt(() => this.read());
  }

  /** What a question finds, as the agent itself would find it. */
  async search(question: string): Promise<void> {
    const { agent } = this.known;
    if (!question.trim()) return this.know({ found: null });
    await this.attempt(async () => {
      const passages = await this.api.search(agent, question.trim());
      if (this.known.agent === agent) this.know({ found: { question: question.trim(), passages } });
    });
  }

  write(id: string, draft: Draft): void {
    this.know({ writing: { id, draft, fault: null, isSending: false }, done: "" });
  }

  leave(): void {
    this.know({ writing: null });
  }

  /** The note that is being written is kept, or it says at which field it was refused. */
  async save(): Promise<void> {
    const { writing, agent, found } = this.known;
    if (!writing || writing.isSending) return;
    this.know({ writing: { ...writing, fault: null, isSending: true } });
    try {
      await this.api.save(agent, writing.id, writing.draft);
    } catch (error) {
      return this.know({ writing: { ...writing, fault: faultOf(error), isSending: false } });
    }
    this.know({ writing: null, done: `Kept: ${writing.draft.title}. The agent answers from it at once.` });
    await this.attempt(() => this.read());
    if (found) await this.search(found.question);
  }

  async remove({ id, title }: Note): Promise<void> {
    await this.attempt(async () => {
      await this.api.remove(this.known.agent, id);
      this.know({ writing: null, done: `Deleted: ${title}.` });
      await this.read();
    });
  }

  private async read(): Promise<void> {
    const { agent } = this.known;
    if (!agent) return;
    const notes = await this.api.all(agent);
    if (this.known.agent === agent) this.know({ notes });
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.know({ trouble: null });
    } catch (error) {
      this.know({ trouble: troubleOf(error) });
    }
  }

  private know(news: Partial<Known>): void {
    this.known = { ...this.known, ...news };
    for (const watcher of this.watchers) watcher();
  }
}
