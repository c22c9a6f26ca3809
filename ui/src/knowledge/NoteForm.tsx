import { type FormEvent, useEffect, useId, useRef } from "react";
import type { Desk, Writing } from "./desk";
import type { Field } from "./notes";

/** A note is written. What the server refuses of it is told at its field. */
export function NoteForm({ desk, writing }: { desk: Desk; writing: Writing }) {
  const { id, draft, fault, isSending } = writing;
  const form = useRef<HTMLFormElement>(null);
  const focus = (field: Field) => form.current?.querySelector<HTMLElement>(`[name=${field}]`)?.focus();
  useEffect(() => focus("title"), []);
  useEffect(() => {
    if (fault?.field) focus(fault.field);
  }, [fault]);
  const send = (event: FormEvent) => {
    event.preventDefault();
    void desk.save();
  };
  const line = (field: Field, label: string, hint: string, rows: number, most: number) => (
    <Line
      field={field}
      label={label}
      hint={hint}
      rows={rows}
      most={most}
      value={draft[field]}
      wrong={fault?.field === field ? fault.says : ""}
      change={(value) => desk.write(id, { ...draft, [field]: value })}
    />
  );
  return (
    <section className="sheet" aria-labelledby="writing">
      <div className="head">
        <h2 id="writing">{id ? "Edit a note" : "Add a note"}</h2>
      </div>
      <form className="stack note-form" ref={form} onSubmit={send} data-testid="note-form">
        {line("title", "Title", "", 1, 120)}
        {line("text", "Text", "It is told aloud: write it in sentences as they are said.", 5, 2000)}
        {line("questions", "Questions it answers", "One a line, as callers put them. Up to 20.", 4, 6000)}
        {line("keywords", "Keywords", "One a line: names and words that callers use. Up to 20.", 3, 6000)}
        {fault && !fault.field && (
          <p className="wrong" role="alert">
            {fault.says}
          </p>
        )}
        <div className="acts">
          <button type="submit" className="button first" disabled={isSending} data-testid="save">
            {isSending ? "Keeping…" : "Keep"}
          </button>
          <button type="button" className="button" onClick={() => desk.leave()}>
            Leave it
          </button>
        </div>
      </form>
    </section>
  );
}

interface LineProps {
  readonly field: Field;
  readonly label: string;
  readonly hint: string;
  readonly rows: number;
  readonly most: number;
  readonly value: string;
  /** Why it was refused; empty when it was not. */
  readonly wrong: string;
  readonly change: (value: string) => void;
}

function Line({ field, label, hint, rows, most, value, wrong, change }: LineProps) {
  const id = useId();
  const told = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
  const shared = {
    id,
    name: field,
    maxLength: most,
    required: field === "title" || field === "text",
    value,
    "aria-invalid": wrong ? true : undefined,
    "aria-describedby": told || undefined,
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} className="aside">
          {hint}
        </p>
      )}
      {rows === 1 ? (
        <input {...shared} onChange={({ target }) => change(target.value)} />
      ) : (
        <textarea {...shared} rows={rows} onChange={({ target }) => change(target.value)} />
      )}
      {wrong && (
        <p id={`${id}-wrong`} className="wrong" role="alert" data-testid={`wrong-${field}`}>
          {wrong}
        </p>
      )}
    </div>
  );
}
