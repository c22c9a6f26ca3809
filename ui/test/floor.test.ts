import { beforeEach, describe, expect, test } from "vitest";
import { Floor, type Said } from "../src/connections/floor";

let said: string[];
let floor: Floor;
const wordOf = (event: Said) =>
  event.type === "conversation.item.create"
    ? (event.item as { content: { text: string }[] }).content[0]!.text
    : event.type.replace("response.", "").replace("output_audio_buffer.", "sound ");
const take = () => said.splice(0);

beforeEach(() => {
  said = [];
  floor = new Floor((event) => said.push(wordOf(event)));
});

describe("a typed line", () => {
  test("is asked at once where nobody speaks", () => {
    floor.type("What is 25% of 80?");
    expect(take()).toEqual(["What is 25% of 80?", "create"]);
  });

  test("cuts the answer in hand, and waits for its end", () => {
    floor.hear("response.created");
    floor.hear("output_audio_buffer.started");
    floor.type("Wait");
    expect(take()).toEqual(["cancel", "sound clear"]);
    floor.hear("output_audio_buffer.cleared");
    expect(take()).toEqual([]);
    floor.hear("response.done");
    expect(take()).toEqual(["Wait", "create"]);
  });

  test("silences an answer that is complete and still sounds", () => {
    floor.hear("response.created");
    floor.hear("output_audio_buffer.started");
    floor.hear("response.done");
    floor.type("Wait");
    expect(take()).toEqual(["sound clear", "Wait", "create"]);
  });

  test("waits for a response that was asked for and has not begun, and cuts that", () => {
    floor.type("One");
    floor.type("Two");
    expect(take()).toEqual(["One", "create"]);
    floor.hear("response.created");
    expect(take()).toEqual(["cancel", "sound clear"]);
    floor.hear("response.done");
    expect(take()).toEqual(["Two", "create"]);
  });

  test("is answered after a response that began first", () => {
    floor.type("One");
    floor.hear("error", "conversation_already_has_active_response");
    floor.hear("response.created");
    expect(take()).toEqual(["One", "create"]);
    floor.hear("response.done");
    expect(take()).toEqual(["create"]);
    floor.hear("response.created");
    floor.hear("response.done");
    expect(take()).toEqual([]);
  });

  test("is not held up by a response that was never there", () => {
    floor.hear("response.created");
    floor.type("One");
    expect(take()).toEqual(["cancel", "sound clear"]);
    floor.hear("error", "response_cancel_not_active");
    expect(take()).toEqual(["One", "create"]);
  });

  test("can be asked again after a refusal", () => {
    floor.type("One");
    floor.hear("error", "rate_limit_exceeded");
    take();
    floor.type("Two");
    expect(take()).toEqual(["Two", "create"]);
  });
});

describe("stopping", () => {
  test("says nothing where nothing sounds", () => {
    floor.stop();
    floor.hear("response.created");
    floor.hear("response.done");
    floor.stop();
    expect(take()).toEqual([]);
  });

  test("stops the voice, also of a response that is complete", () => {
    floor.hear("response.created");
    floor.hear("output_audio_buffer.started");
    floor.hear("response.done");
    floor.stop();
    expect(take()).toEqual(["sound clear"]);
    floor.hear("output_audio_buffer.cleared");
    floor.stop();
    expect(take()).toEqual([]);
  });
});

test("the agent is asked to greet, once", () => {
  floor.greet();
  expect(take()).toEqual(["create"]);
  floor.hear("response.created");
  floor.hear("response.done");
  expect(take()).toEqual([]);
});
