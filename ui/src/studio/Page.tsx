import { type ReactNode, useEffect } from "react";
import { Top } from "../shell/Top";
import type { ViewId } from "../shell/views";
import type { AgentName } from "./agents";
import "./studio.css";
import type { Trouble } from "./trouble";

interface PageProps {
  readonly view: ViewId;
  readonly title: string;
  /** What can be chosen beside the title. */
  readonly choice?: ReactNode;
  readonly trouble: Trouble | null;
  readonly children: ReactNode;
}

/** A page of the studio: its head, what is wrong, and what it shows. */
export function Page({ view, title, choice, trouble, children }: PageProps) {
  useEffect(() => {
    document.title = `Antiphon, ${title.toLowerCase()}`;
  }, [title]);
  return (
    <div className="studio">
      <Top view={view}>
        <div className="where">
          <h1>{title}</h1>
        </div>
        {choice}
      </Top>
      {trouble && (
        <div className="trouble" role="alert" data-testid="trouble">
          <p>{trouble.says}</p>
          {trouble.needsSignIn && (
            <a className="button quiet" href="./watch">
              Sign in
            </a>
          )}
        </div>
      )}
      <main id="main">{children}</main>
    </div>
  );
}

interface AgentChoiceProps {
  readonly agents: readonly AgentName[];
  readonly chosen: string;
  readonly choose: (name: string) => void;
}

/** Whose page it is. */
export function AgentChoice({ agents, chosen, choose }: AgentChoiceProps) {
  if (!agents.length) return null;
  return (
    <label className="choice">
      Agent{" "}
      <select value={chosen} data-testid="agent" onChange={({ target }) => choose(target.value)}>
        {agents.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
