/** A flow in words: short ones for its picture, whole sentences for those who read instead. */
import { LOST } from "./layout";
import type { Flow, Step, Way } from "./rows";

export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Beside an arrow, a line each: what is let be known, and what must be known. */
export function labelOf({ on, needs }: Way): readonly string[] {
  return [on, needs.length > 0 && `${needs.join(", ")} known`].filter((line): line is string => !!line);
}

/** In a step's box, below its name. */
export function noteOf(step: Step, flow: Flow): string {
  if (step.name === flow.fallback) return "then back";
  if (step.isTerminal) return "the end";
  return step.collects.length ? `asks for ${listed(step.collects)}` : "";
}

/** What there is to say of a step, a sentence each. */
export function sentencesOf(step: Step, flow: Flow): readonly string[] {
  const said: string[] = [];
  if (step.collects.length) said.push(`It asks for ${listed(step.collects)}.`);
  for (const way of step.ways) said.push(`Goes ${goesTo(way)}.`);
  if (step.name === flow.fallback) said.push("Once something is understood, back to where it was.");
  else if (!step.isTerminal && flow.fallback) said.push(`After ${turns(step.retries + 1)} that brought nothing, goes on to ${flow.fallback}.`);
  if (step.isTerminal) said.push("This is the end.");
  return said;
}

/** What may happen at every step, a sentence each. */
export function anywhereOf(flow: Flow): readonly string[] {
  return flow.anywhere.map((way) => `From every step: ${goesTo(way)}.`);
}

function goesTo({ to, on, needs }: Way): string {
  const when = [on && `on “${on}”`, needs.length > 0 && `once ${listed(needs)} ${needs.length > 1 ? "are" : "is"} known`].filter(Boolean);
  return `on to ${to}${when.length ? `, ${when.join(", ")}` : ""}`;
}

function turns(count: number): string {
  return count === 1 ? "a turn" : `${count} turns`;
}

/** What the picture says of an entry. */
export function entryLabel(on: readonly string[]): readonly string[] {
  const said = on.filter((each) => each !== LOST);
  return [...said, ...(on.includes(LOST) ? [LOST] : []), "at any step"];
}
