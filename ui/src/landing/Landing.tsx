import { useState, useSyncExternalStore } from "react";
import { Top } from "../shell/Top";
import { Agents } from "./Agents";
import { Antiphony } from "./Antiphony";
import { ARCHITECTURES } from "./architectures";
import { Card } from "./Card";
import { Compare } from "./Compare";
import { Legend } from "./Diagram";
import type { Standing, Watching } from "./standing";
import { wordOf } from "./standing";

/** Where one chooses who answers, and by which architecture. */
export function Landing({ watching }: { watching: Watching }) {
  const standing = useSyncExternalStore(watching.subscribe, watching.snapshot);
  const [wish, setWish] = useState("");
  const agent = chosenOf(standing, wish);
  const address = (query: string) => `./?${query}${agent && `&agent=${encodeURIComponent(agent)}`}`;
  return (
    <div className="landing">
      <Top view="landing" />
      <main id="main">
        <section className="hero">
          <Antiphony />
          <h1>One agent, three ways to carry its voice.</h1>
          <p>
            Choose who answers and how the sound travels, then speak. You may interrupt at any time; every turn shows what
            was heard and where its time went.
          </p>
        </section>
        <Agents agents={standing.agents} chosen={agent} choose={setWish} />
        <section aria-labelledby="ways" className="ways">
          <div className="ways-head">
            <h2 id="ways">How the sound travels</h2>
            <Legend />
          </div>
          <div className="cards">
            {ARCHITECTURES.map((architecture) => (
              <Card
                key={architecture.letter}
                architecture={architecture}
                word={wordOf(standing, architecture.via)}
                response={standing.measured[architecture.via]?.response}
                href={address(`v=${architecture.letter}`)}
              />
            ))}
          </div>
          <p className="aside">
            Or by WebRTC to this server alone, in the protocol of OpenAI's Realtime API:{" "}
            <a href={address("via=realtime")}>talk by Realtime</a>.
          </p>
        </section>
        <Compare measured={standing.measured} />
      </main>
      <footer className="foot">
        <p>Antiphon {standing.version}</p>
        <ul>
          <li>
            <a href="./api/docs">HTTP routes</a>
          </li>
          <li>
            <a href="./metrics">Metrics</a>
          </li>
          <li>
            <a href="./licences/bundled.md">Licences</a>
          </li>
        </ul>
      </footer>
    </div>
  );
}

/** Who answers: whoever was chosen, else the tutor, else the first one there is. Empty while nobody is known. */
function chosenOf({ agents }: Standing, wish: string): string {
  const known = (name: string) => agents.find((each) => each.name === name)?.name;
  return known(wish) ?? known("tutor") ?? agents[0]?.name ?? "";
}
