import { useState } from "react";
import type { Desk } from "./desk";
import { draftOf, EMPTY, filtered, type Note, type Notes } from "./notes";

/** All notes, people's own ones first, with a filter over them. */
export function NoteList({ desk, notes: { notes, isEditable } }: { desk: Desk; notes: Notes }) {
  const [words, setWords] = useState("");
  const shown = filtered(notes, words);
  const own = notes.filter(({ isOwn }) => isOwn).length;
  return (
    <section className="sheet" aria-labelledby="notes">
      <div className="head">
        <h2 id="notes">Notes</h2>
        {isEditable && (
          <button type="button" className="button quiet" data-testid="add" onClick={() => desk.write("", EMPTY)}>
            Add a note
          </button>
        )}
      </div>
      <label className="field">
        <span className="hidden">Only notes with these words</span>
        <input type="search" value={words} data-testid="filter" placeholder="Only notes with these words" onChange={({ target }) => setWords(target.value)} />
      </label>
      <p className="aside" role="status">
        {shown.length} of {notes.length} shown, {own} added here.{" "}
        {isEditable ? "Those that ship with the agent are changed in its files, not here." : "Administrators may add to them."}
      </p>
      <ul className="notes-list">
        {shown.map((note) => (
          <li key={note.id} data-testid="note" data-own={note.isOwn}>
            <details>
              <summary>
                <span>{note.title}</span>
                <span className={`origin ${note.isOwn ? "own" : ""}`}>{note.isOwn ? "added here" : "ships with the agent"}</span>
              </summary>
              <Body note={note} />
              {note.isOwn && isEditable && <Acts desk={desk} note={note} />}
              {!note.isOwn && isEditable && <p className="aside">It cannot be edited here: it ships with the agent, and is changed in its files.</p>}
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Body({ note }: { note: Note }) {
  const { text, questions, keywords, source } = note;
  return (
    <>
      <p>{text}</p>
      {questions.length > 0 && (
        <ul className="questions" aria-label="Questions it answers">
          {questions.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
      {(keywords.length > 0 || source) && (
        <p className="aside">{[keywords.length > 0 && `Keywords: ${keywords.join(", ")}.`, source && `From ${source}.`].filter(Boolean).join(" ")}</p>
      )}
    </>
  );
}

/** To change it, or to delete it once that was said twice. */
function Acts({ desk, note }: { desk: Desk; note: Note }) {
  const [isSure, setSure] = useState(false);
  return (
    <div className="acts">
      {isSure ? (
        <>
          <button type="button" className="button quiet danger" data-testid="delete-now" onClick={() => void desk.remove(note)}>
            Delete it for good
          </button>
          <button type="button" className="button quiet" autoFocus onClick={() => setSure(false)}>
            Keep it
          </button>
        </>
      ) : (
        <>
          <button type="button" className="button quiet" data-testid="edit" aria-label={`Edit ${note.title}`} onClick={() => desk.write(note.id, draftOf(note))}>
            Edit
          </button>
          <button type="button" className="button quiet danger" data-testid="delete" aria-label={`Delete ${note.title}`} onClick={() => setSure(true)}>
            Delete
          </button>
        </>
      )}
    </div>
  );
}
