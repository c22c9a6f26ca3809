/** What the scripted server suggests, and what it answers. */
export const SUGGESTIONS = [
  "What is 25% of 80?",
  "Solve 2x² + 5x − 3 = 0",
  "Why did World War I start?",
  "What was the Roman Empire?",
  "Help me improve this sentence: me and him goes to school",
  "Explain a metaphor",
];

/** Canned answers. `hold` and `clear` are seconds of the answer after which the server pauses or stops itself. */
export const ANSWERS = [
  {
    asks: /25|percent/i,
    specialist: ["math", 0.97, "a percentage of a number"],
    says: [["25% of 80 is 20.", "answer"], ["A quarter of 80: divide 80 by 4.", "answer"]],
  },
  {
    asks: /world war/i,
    specialist: ["history", 0.94, "causes of a war"],
    says: [
      ["Let me think.", "filler"],
      ["World War I began in the summer of 1914, after the Archduke of Austria was shot in Sarajevo.", "answer"],
      ["Alliances then drew one country after another into the war.", "answer"],
    ],
    holdAt: 3.1,
    holdMs: 450,
    clearAt: 5.2,
    interruptedBy: "Wait, what is an alliance?",
  },
  {
    asks: /bomb|weapon/i,
    specialist: ["history", 0.61, ""],
    verdict: { side: "output", action: "rewrite", categories: ["dangerous instructions"], confidence: 0.92 },
    says: [["I can tell you about the history of it, but not how to make one.", "answer", true]],
  },
  {
    asks: /teacher|a real person/i,
    specialist: ["orchestrator", 0.99, "the caller wants a person"],
    escalates: "The caller asked for a person",
    says: [["I have asked a teacher to join us.", "answer"]],
  },
  {
    asks: /./,
    specialist: ["english", 0.88, "a question about words"],
    says: [["A metaphor says that one thing is another: time is a thief.", "answer"]],
  },
];
