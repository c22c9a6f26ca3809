import { useRef, useState } from "react";
import { capitalized, troubleOf } from "../studio/trouble";
import type { Switch } from "./rows";
import { BRINGS_CHAOS, type Breaking, type Standing } from "./standing";

interface ChaosProps {
  readonly chaos: Standing["chaos"];
  readonly breaking: Breaking;
  /** Something is otherwise now. */
  readonly changed: () => void;
}

/** The switches that break a part of the running server, to hear what callers hear. */
export function Chaos({ chaos, breaking, changed }: ChaosProps) {
  const [told, setTold] = useState("");
  if (chaos === null) return null;
  const attempt = async (act: () => Promise<string>) => {
    try {
      setTold(await act());
    } catch (error) {
      setTold(troubleOf(error).says);
    }
    changed();
  };
  const turn = ({ name, title, isOn }: Switch) =>
    attempt(async () => {
      await breaking.turn(name, !isOn);
      return isOn ? `Mended: ${title}.` : `From now on ${title}.`;
    });
  const drop = () =>
    attempt(async () => {
      const dropped = await breaking.drop();
      return dropped ? `${dropped} ${dropped === 1 ? "connection was" : "connections were"} dropped.` : "Nobody was connected.";
    });
  return (
    <section className="sheet chaos" aria-labelledby="chaos">
      <div className="head">
        <h2 id="chaos">Break it on purpose</h2>
      </div>
      {typeof chaos === "string" ? (
        <p className="aside" data-testid="no-chaos">
          <Coded text={chaos} />
        </p>
      ) : (
        <>
          <p className="aside">Callers of this node notice at once, as they would notice a real failure. Whatever is broken stays so until it is mended.</p>
          <ul className="switches">
            {chaos.map((each) => (
              <li key={each.name}>
                <button type="button" role="switch" aria-checked={each.isOn} data-testid={each.name} onClick={() => void turn(each)}>
                  <i aria-hidden="true" />
                  {capitalized(each.title)}
                </button>
              </li>
            ))}
          </ul>
          <Drop drop={() => void drop()} />
        </>
      )}
      <p role="status" className="told" data-testid="told">
        {told}
      </p>
    </section>
  );
}

/** The setting's name as what is typed. */
function Coded({ text }: { text: string }) {
  const [before, ...after] = text.split(BRINGS_CHAOS);
  return (
    <>
      {before}
      {after.map((each) => (
        <span key={each}>
          <code>{BRINGS_CHAOS}</code>
          {each}
        </span>
      ))}
    </>
  );
}

/** All connections count as lost, once it is said twice. */
function Drop({ drop }: { drop: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" className="button danger" data-testid="drop" onClick={() => dialog.current?.showModal()}>
        Drop all connections
      </button>
      <dialog ref={dialog} aria-labelledby="drop-title">
        <h3 id="drop-title">Drop all connections?</h3>
        <p>Every caller of this node is cut off. Who can come back does, and goes on where they were.</p>
        <div className="acts">
          <button
            type="button"
            className="button danger"
            data-testid="drop-now"
            onClick={() => {
              dialog.current?.close();
              drop();
            }}
          >
            Drop them
          </button>
          <button type="button" className="button" autoFocus onClick={() => dialog.current?.close()}>
            Leave them
          </button>
        </div>
      </dialog>
    </>
  );
}
