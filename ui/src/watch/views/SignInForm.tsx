import { type FormEvent, useState } from "react";
import type { Desk } from "../desk";
import { type Me, type PersonRole, ROLES } from "../rows";

/** Who is not known here, or may only call, says who they are. */
export function SignInForm({ desk, me }: { desk: Desk; me: Me }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<PersonRole>("supervisor");
  const [key, setKey] = useState("");
  const [token, setToken] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (me.mode === "oidc") void desk.signIn({ id_token: token.trim() });
    else void desk.signIn(me.mode === "key" ? { name: name.trim(), role, key: key.trim() } : { name: name.trim(), role });
  };
  return (
    <main id="main" className="sign-in">
      <form className="sheet" onSubmit={send} data-testid="sign-in">
        <h2>Sign in to supervise</h2>
        {me.role === "caller" && (
          <p>
            You are signed in as {me.name}, a caller. Callers may not watch others; <a href="./">talk with an agent</a>{" "}
            instead.
          </p>
        )}
        {me.mode === "oidc" ? (
          <label>
            Id token of your sign-in service
            <textarea rows={4} required spellCheck={false} value={token} onChange={({ target }) => setToken(target.value)} />
          </label>
        ) : (
          <>
            <label>
              Name
              <input required maxLength={64} autoComplete="name" value={name} onChange={({ target }) => setName(target.value)} />
            </label>
            <fieldset>
              <legend>Role</legend>
              {ROLES.map((each) => (
                <label key={each}>
                  <input type="radio" name="role" checked={role === each} onChange={() => setRole(each)} />
                  {each}
                </label>
              ))}
            </fieldset>
            {me.mode === "key" && (
              <label>
                Key, as printed when the server started
                <input type="password" required maxLength={256} autoComplete="current-password" value={key} onChange={({ target }) => setKey(target.value)} />
              </label>
            )}
          </>
        )}
        <button type="submit" className="button talk">
          Sign in
        </button>
      </form>
    </main>
  );
}
