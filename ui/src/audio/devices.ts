/** The microphones of this computer, as far as the browser tells of them: names only once one was allowed. */
export interface Device {
  readonly id: string;
  readonly name: string;
}

/** Those that can be chosen. The browser's own entries for “whatever is the default” are left out. */
export async function microphones(): Promise<readonly Device[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return named(all.filter(({ kind }) => kind === "audioinput"));
}

/** Each device once, with a name to tell it by. */
export function named(inputs: readonly { readonly deviceId: string; readonly label: string }[]): readonly Device[] {
  const ids = inputs.map(({ deviceId }) => deviceId);
  // Firefox gives two of one name the same id: choosing either is choosing the first.
  const isFirst = (id: string, at: number) => ids.indexOf(id) === at;
  const real = inputs.filter(({ deviceId: id }, at) => id && id !== "default" && id !== "communications" && isFirst(id, at));
  return real.map(({ deviceId, label }, at) => ({ id: deviceId, name: label || `Microphone ${at + 1}` }));
}

/** Calls `changed` whenever one is plugged in or out, until the returned function is called. */
export function onPlugged(changed: () => void): () => void {
  navigator.mediaDevices?.addEventListener("devicechange", changed);
  return () => navigator.mediaDevices?.removeEventListener("devicechange", changed);
}

/** Calls `granted` when the caller allows the microphone after all. Browsers that do not tell are not asked. */
export function onGranted(granted: () => void): void {
  navigator.permissions
    ?.query({ name: "microphone" as PermissionName })
    .then((status) => status.addEventListener("change", () => status.state === "granted" && granted()))
    .catch(() => undefined);
}
