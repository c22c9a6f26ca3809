import type { AudioFrame } from "../wire";
import { type Fades, type Report, UNHEARD_FADES } from "./queue";
import workletUrl from "./player.worklet.ts?worker&url";

export type PlayerOrder =
  | ({ readonly order: "push" } & AudioFrame)
  | { readonly order: "hold" | "resume" | "clear"; readonly turn: number }
  | { readonly order: "drop" }
  | { readonly order: "settings"; readonly latency: number; readonly ackMs?: number };

export type PlayerNews = ({ readonly news: "played" } & Report) | ({ readonly news: "position" } & Position);

/** What is being rendered now, ahead of the ear by the output's latency. */
export interface Position {
  /** Time of the audio context, seconds. */
  readonly at: number;
  readonly turn: number;
  /** At the play rate, from the turn's start. */
  readonly samples: number;
  /** Root mean square of the loudest quantum since the last one, 0…1. */
  readonly level: number;
  readonly isPlaying: boolean;
}

export interface PlayerListener {
  /** Tell the server. Comes every `ackMs` while playing, at a turn's end, and after `clear`. */
  played(report: Report): void;
  /** About every 20 ms while something is audible. */
  position(position: Position): void;
}

/** Sample rate at which sound is asked for, Hz. Speech models rarely make more. */
export const PLAY_RATE = 24000;

/** How often the output's latency is asked for, ms: it changes when the loudspeaker is changed. */
const LATENCY_EVERY_MS = 1000;

/** The loudspeaker: queues the agent's sound by turn and says which samples of it were played. */
export class Player {
  private timer: ReturnType<typeof setInterval> | undefined;

  private constructor(
    private readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
  ) {
    this.timer = setInterval(() => this.tellLatency(), LATENCY_EVERY_MS);
    this.tellLatency();
  }

  /** A player on `context`, which must have been allowed to sound by a gesture. */
  static async open(
    context: AudioContext,
    listener: PlayerListener,
    destination: AudioNode = context.destination,
    fades: Fades = UNHEARD_FADES,
  ): Promise<Player> {
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, "player", {
      numberOfInputs: 0,
      outputChannelCount: [2],
      processorOptions: { playRate: PLAY_RATE, ackMs: 50, fades },
    });
    node.port.onmessage = ({ data }: MessageEvent<PlayerNews>) => {
      if (data.news === "played") listener.played(data);
      else listener.position(data);
    };
    node.connect(destination);
    return new Player(context, node);
  }

  push(frame: AudioFrame): void {
    this.order({ order: "push", ...frame }, [frame.samples.buffer]);
  }
  hold(turn: number): void {
    this.order({ order: "hold", turn });
  }
  resume(turn: number): void {
    this.order({ order: "resume", turn });
  }
  clear(turn: number): void {
    this.order({ order: "clear", turn });
  }
  /** Stops and drops all; `played` says the final counts. */
  drop(): void {
    this.order({ order: "drop" });
  }
  acknowledgeEvery(ackMs: number): void {
    this.order({ order: "settings", latency: this.latency, ackMs });
  }

  close(): void {
    clearInterval(this.timer);
    this.node.disconnect();
    this.node.port.close();
  }

  /** Seconds from rendering to the loudspeaker, as far as the browser knows. */
  private get latency(): number {
    return this.context.outputLatency || this.context.baseLatency || 0;
  }

  private tellLatency(): void {
    this.order({ order: "settings", latency: this.latency });
  }

  private order(order: PlayerOrder, transfer: Transferable[] = []): void {
    this.node.port.postMessage(order, transfer);
  }
}
