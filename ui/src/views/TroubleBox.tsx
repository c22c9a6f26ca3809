import type { Talk } from "../talk";
import type { Trouble } from "../trouble";

/** What went wrong, and what to do. */
export function TroubleBox({ talk, trouble }: { talk: Talk; trouble: Trouble }) {
  return (
    <div className="trouble" data-testid="trouble" data-cause={trouble.cause}>
      <p>
        <b>{trouble.what}</b> {trouble.next}
      </p>
      <button type="button" className="button quiet" onClick={() => talk.dismiss()}>
        Close
      </button>
    </div>
  );
}
