// The websocket: connects, reconnects with full jitter, resumes from (epoch, seq), keeps messages in order.
import { type Message, readMessage } from "./frames";

export type Link = "connecting" | "open" | "waiting" | "closed";

export interface SocketEvents {
  message(message: Message): void;
  link(link: Link): void;
}

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;
const SPREAD_MS = 5_000; // a server that goes away asks its pages to come back over this time
const QUIET_LIMIT_MS = 15_000; // heartbeats come after 5 s of silence; three missed mean that the line is dead
const FINAL_CODES = new Set([1002, 1003, 1007, 1009, 4401, 4404]);
const AFTER_A_MINUTE = 1008;

/** How long to wait before attempt number `attempt` (from 0) after a close with `code`. */
export function reconnectDelayMs(attempt: number, code: number, random: () => number = Math.random): number {
  if (code === AFTER_A_MINUTE) return 60_000 + random() * SPREAD_MS;
  if (attempt === 0) return random() * (code === 1001 || code === 1012 ? SPREAD_MS : FIRST_DELAY_MS);
  return random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
}

export class LiveSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer = 0;
  private watchdog = 0;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly position: () => { epoch: number; seq: number } | null,
    private readonly events: SocketEvents,
  ) {}

  open(): void {
    clearTimeout(this.timer);
    if (this.socket) return;
    const from = this.position();
    const socket = new WebSocket(from ? `${this.url}?epoch=${from.epoch}&seq=${from.seq}` : this.url, "milepost.v1");
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.events.link("connecting");
    socket.onopen = () => this.listen();
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
      this.listen();
      this.queue = this.queue.then(() => this.deliver(socket, new Uint8Array(event.data)));
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.code);
    };
  }

  /** Asks for a fresh snapshot: after a gap, or when a hidden page comes back. */
  wantSnapshot(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"want":"snapshot"}');
    else this.open();
  }

  private async deliver(socket: WebSocket, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.socket !== socket) return; // from a connection already given up
    try {
      const message = await readMessage(bytes);
      if (!message) return;
      this.attempt = 0;
      this.events.link("open");
      this.events.message(message);
    } catch (error) {
      console.error("a message of the live feed could not be read", error);
      socket.close();
    }
  }

  private listen(): void {
    clearTimeout(this.watchdog);
    this.watchdog = window.setTimeout(() => {
      this.socket?.close();
      this.lost(1006); // a dead line may take minutes to say that it is closed
    }, QUIET_LIMIT_MS);
  }

  private lost(code: number): void {
    clearTimeout(this.watchdog);
    this.socket = null;
    if (FINAL_CODES.has(code)) {
      this.events.link("closed");
      return;
    }
    this.events.link("waiting");
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.open(), reconnectDelayMs(this.attempt++, code));
  }
}
