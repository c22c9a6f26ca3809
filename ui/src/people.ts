import type { Stance } from "./wire";

/** A person beside the call, and what they did last. */
export interface Person {
  readonly name: string;
  readonly stance: Exclude<Stance, "left">;
}

/** The people there after one of them did something. */
export function peopleAfter(people: readonly Person[], name: string, how: Stance): readonly Person[] {
  const others = people.filter((person) => person.name !== name);
  return how === "left" ? others : [...others, { name, stance: how }];
}

/** Who speaks in the agent's place, if anybody. */
export function speaker(people: readonly Person[]): string {
  return people.find((person) => person.stance === "taken_over")?.name ?? "";
}

/** What the caller is told about people on the line; null when nobody is there and nobody was asked. */
export function presence(people: readonly Person[], isAsked: boolean, agent: string): string | null {
  const speaking = people.find(({ stance }) => stance === "taken_over");
  const person = speaking ?? people.at(-1);
  if (isAsked && !speaking) return `${agent === "tutor" ? "A teacher" : "Somebody"} has been asked to join`;
  if (!person) return null;
  switch (person.stance) {
    case "joined":
      return `${person.name} has joined`;
    case "taken_over":
      return `${person.name} is speaking`;
    case "handed_back":
      return `${person.name} handed back`;
  }
}
