import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Talk } from "../talk";
import type { TalkState } from "../state";
import { useNarrow } from "./narrow";
import { Tradeoff } from "./Tradeoff";
import { TroubleBox } from "./TroubleBox";
import { MAX_TYPED } from "../wire";
import { HangUpIcon, InterruptIcon, MicrophoneIcon, MutedIcon } from "./icons";

/** Everything the caller can do. */
export function Controls({ talk, state }: { talk: Talk; state: TalkState }) {
  const isNarrow = useNarrow();
  const { open } = state.occasions;
  return (
    <footer className="controls">
      {open && isNarrow && <Tradeoff talk={talk} occasion={open} via={state.via} />}
      {state.trouble && <TroubleBox talk={talk} trouble={state.trouble} />}
      {state.suggestions.length > 0 && (
        <ul className="suggestions" aria-label="Questions to try">
          {state.suggestions.map((question) => (
            <li key={question}>
              <button type="button" className="chip" data-testid="suggestion" title={question} onClick={() => talk.say(question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="desk">
        <Acts talk={talk} state={state} />
        <Write talk={talk} />
      </div>
    </footer>
  );
}

function Acts({ talk, state }: { talk: Talk; state: TalkState }) {
  const isTalking = state.link !== "off" && state.link !== "over";
  const actsRef = useFocusKept(`${isTalking} ${state.ear === "on"}`);
  if (!isTalking) {
    return (
      <div className="acts" ref={actsRef} tabIndex={-1} role="group" aria-label="Conversation">
        <button
          key="talk"
          type="button"
          className="button talk"
          data-testid="talk"
          onClick={() => void talk.start({ withMicrophone: true })}
        >
          <MicrophoneIcon />
          {talkWord(state)}
        </button>
      </div>
    );
  }
  const canInterrupt = state.link === "on" && (state.phase === "speaking" || state.phase === "thinking");
  return (
    <div className="acts" ref={actsRef} tabIndex={-1} role="group" aria-label="Conversation">
      {state.ear === "on" && state.hearing === "held" && <Hold talk={talk} state={state} />}
      {state.ear === "on" ? (
        <button
          key="mute"
          type="button"
          className="button"
          data-testid="mute"
          aria-pressed={state.isMuted}
          onClick={() => talk.mute(!state.isMuted)}
        >
          {state.isMuted ? <MutedIcon /> : <MicrophoneIcon />}
          {state.isMuted ? "Muted" : "Mute"}
        </button>
      ) : (
        <button
          key="use-microphone"
          type="button"
          className="button"
          data-testid="use-microphone"
          disabled={state.ear === "asking"}
          onClick={() => void talk.useMicrophone()}
        >
          <MicrophoneIcon />
          {state.ear === "asking" ? "Asking…" : "Use microphone"}
        </button>
      )}
      <button
        type="button"
        className="button"
        data-testid="interrupt"
        disabled={!canInterrupt}
        aria-keyshortcuts="Escape"
        onClick={() => talk.interrupt()}
      >
        <InterruptIcon />
        Interrupt {!state.occasions.open && <kbd>esc</kbd>}
      </button>
      <button type="button" className="button hang-up" data-testid="hang-up" onClick={() => talk.hangUp()}>
        <HangUpIcon />
        Hang up
      </button>
    </div>
  );
}

/** Heard while it is held. */
function Hold({ talk, state }: { talk: Talk; state: TalkState }) {
  return (
    <button
      type="button"
      className="button hold"
      data-testid="hold"
      aria-pressed={state.isPressed}
      aria-keyshortcuts="Space"
      disabled={state.isMuted}
      onPointerDown={({ currentTarget, pointerId }) => {
        currentTarget.setPointerCapture(pointerId);
        talk.press(true);
      }}
      onPointerUp={() => talk.press(false)}
      onPointerCancel={() => talk.press(false)}
      onContextMenu={(event) => event.preventDefault()}
    >
      <MicrophoneIcon />
      {state.isPressed ? "You are heard" : "Hold to talk"} <kbd>space</kbd>
    </button>
  );
}

function talkWord({ link, isWaiting, trouble }: TalkState): string {
  if (isWaiting) return "Continue";
  if (link === "off") return "Talk";
  return trouble && !trouble.isFinal ? "Reconnect" : "Talk again";
}

/** When the button that was pressed is replaced, the keyboard stays among the buttons. */
function useFocusKept(buttons: string) {
  const ref = useRef<HTMLDivElement>(null);
  const before = useRef(buttons);
  useEffect(() => {
    if (before.current !== buttons && document.activeElement === document.body) ref.current?.focus({ preventScroll: true });
    before.current = buttons;
  }, [buttons]);
  return ref;
}

function Write({ talk }: { talk: Talk }) {
  const [text, setText] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    talk.say(text);
    setText("");
  };
  return (
    <form className="write" onSubmit={send}>
      <label className="hidden" htmlFor="write">
        Write to the agent
      </label>
      <input
        id="write"
        data-testid="write"
        value={text}
        maxLength={MAX_TYPED}
        placeholder="or write here"
        autoComplete="off"
        enterKeyHint="send"
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button" data-testid="send">
        Send
      </button>
    </form>
  );
}
