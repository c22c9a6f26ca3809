import type { AgentRow } from "./standing";

/** Whom one talks to. */
export function Agents({ agents, chosen, choose }: { agents: readonly AgentRow[]; chosen: string; choose: (name: string) => void }) {
  return (
    <fieldset className="agents">
      <legend>Who answers</legend>
      {agents.map(({ name, title, suggestions }) => (
        <label key={name} className="agent">
          <input type="radio" name="agent" value={name} checked={name === chosen} onChange={() => choose(name)} />
          <span className="agent-title">{title}</span>
          {suggestions[0] && <q>{suggestions[0]}</q>}
        </label>
      ))}
      <p className="agent own">
        <span className="agent-title">Your own</span>
        <code>antiphon serve my_agent.py:agent</code>
      </p>
    </fieldset>
  );
}
