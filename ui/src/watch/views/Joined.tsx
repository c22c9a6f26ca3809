import { type FormEvent, useId, useState } from "react";
import { presence } from "../../people";
import { PHASE_WORDS } from "../../state";
import { Phase } from "../../views/Phase";
import { Pipeline } from "../../views/Pipeline";
import { PresenceBanner } from "../../views/Presence";
import { Score } from "../../views/Score";
import { Transcript } from "../../views/Transcript";
import { LastTurn } from "../../views/Waterfall";
import { MAX_TYPED } from "../../wire";
import type { Stand, Voice } from "../stand";
import type { Standing } from "../standing";

interface JoinedProps {
  readonly stand: Stand;
  readonly standing: Standing;
  readonly agent: string;
  readonly ink: string;
}

/** A conversation the supervisor stands by: heard, read, and acted upon. */
export function Joined({ stand, standing, agent, ink }: JoinedProps) {
  const { talk, link, notice } = standing;
  return (
    <div className="joined">
      <PresenceBanner text={bannerOf(standing)} />
      <section className="sheet score" aria-label="Score">
        <Score talk={stand} isLive isExample={false} theme={ink} agent={agent} caller="caller" />
        <Pipeline state={talk} />
        <div className="score-foot">
          <Phase state={{ ...talk, link: link === "on" ? "on" : link === "reconnecting" ? "reconnecting" : "connecting" }} />
        </div>
      </section>
      <Transcript state={talk} agent={agent} caller="Caller">
        Nothing has been said yet.
      </Transcript>
      <LastTurn state={talk} />
      <footer className="controls">
        <p className={notice ? "notice" : "notice hidden"} role="status" data-testid="notice">
          {notice}
        </p>
        <div className="desk">
          <Acts stand={stand} standing={standing} />
          <div className="volumes">
            <Volume stand={stand} voice="caller" name="Caller" />
            <Volume stand={stand} voice="agent" name="Agent" />
          </div>
        </div>
        <div className="lines-to-give">
          <Give name="Whisper" hint="only the agent sees it" testId="whisper" send={(text) => stand.whisper(text)} isOff={link !== "on"} />
          <Give name="Say" hint="the agent says it aloud" testId="say" send={(text) => stand.say(text)} isOff={link !== "on"} />
        </div>
      </footer>
      <p className="hidden" role="status" aria-live="polite" data-testid="talk-announcement">
        {talk.announcement === PHASE_WORDS[talk.phase] ? "" : talk.announcement}
      </p>
    </div>
  );
}

function bannerOf({ isMine, takenOverBy, talk }: Standing): string | null {
  if (isMine === "yes") return "You are speaking in the agent's place";
  return takenOverBy || talk.isAsked ? presence(talk.people, talk.isAsked, talk.agent) : null;
}

function Acts({ stand, standing }: { stand: Stand; standing: Standing }) {
  const { link, isMine, isMuted, takenOverBy } = standing;
  return (
    <div className="acts" role="group" aria-label="Conversation">
      {isMine === "yes" ? (
        <>
          <button type="button" className="button talk" data-testid="hand-back" onClick={() => stand.handBack()}>
            Hand back
          </button>
          <button type="button" className="button" data-testid="mute-me" aria-pressed={isMuted} onClick={() => stand.mute(!isMuted)}>
            {isMuted ? "Muted" : "Mute me"}
          </button>
        </>
      ) : (
        <button
          type="button"
          className="button take"
          data-testid="take-over"
          disabled={link !== "on" || isMine === "asked" || takenOverBy !== ""}
          onClick={() => void stand.takeOver()}
        >
          {isMine === "asked" ? "Taking over…" : "Take over"}
        </button>
      )}
      <button type="button" className="button hang-up" data-testid="leave" onClick={() => stand.leave()}>
        Leave
      </button>
    </div>
  );
}

function Volume({ stand, voice, name }: { stand: Stand; voice: Voice; name: string }) {
  const [volume, setVolume] = useState(1);
  const id = useId();
  const change = (value: number) => {
    setVolume(value);
    stand.turn(voice, value);
  };
  return (
    <p className="volume" data-voice={voice}>
      <label htmlFor={id}>{name}</label>
      <input id={id} type="range" min={0} max={1} step={0.1} value={volume} onChange={({ target }) => change(Number(target.value))} />
      <button
        type="button"
        className="button quiet"
        aria-pressed={volume === 0}
        aria-label={`Mute ${name.toLowerCase()}`}
        data-testid={`mute-${voice}`}
        onClick={() => change(volume === 0 ? 1 : 0)}
      >
        {volume === 0 ? "Muted" : "Mute"}
      </button>
    </p>
  );
}

interface GiveProps {
  readonly name: string;
  readonly hint: string;
  readonly testId: string;
  readonly isOff: boolean;
  readonly send: (text: string) => void;
}

/** A line for the agent. */
function Give({ name, hint, testId, isOff, send }: GiveProps) {
  const [text, setText] = useState("");
  const id = useId();
  const give = (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    send(text.trim());
    setText("");
  };
  return (
    <form className="write give" onSubmit={give}>
      <label className="hidden" htmlFor={id}>
        {name}: {hint}
      </label>
      <input
        id={id}
        data-testid={testId}
        value={text}
        maxLength={MAX_TYPED}
        placeholder={hint}
        autoComplete="off"
        enterKeyHint="send"
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button" disabled={isOff} data-testid={`${testId}-send`}>
        {name}
      </button>
    </form>
  );
}
