import { type Lane } from '../../shared/engine';

/** Answer the interactive requests that came in, then notice an abort: between two batches. */
export type Pause = () => Promise<void>;

interface Task {
  readonly lane: Lane;
  readonly signal: AbortSignal;
  start(): Promise<void>;
  refuse(): void;
  /** Waiting at a pause while interactive tasks run: nothing of it is under way. */
  parked: boolean;
}

/**
 * One operation at a time. Interactive ones come first; one that arrives while another operation
 * runs, of either lane, is answered inside that operation's next pause: a page of images need not
 * wait for the costly maps of another window. Whatever is aborted while it waits ends at once.
 */
export class Lanes {
  readonly #waiting: Record<Lane, Task[]> = { interactive: [], batch: [] };
  #busy = false;

  run<T>(lane: Lane, signal: AbortSignal, work: (pause: Pause) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const task: Task = {
        lane,
        signal,
        parked: false,
        start: async () => {
          try {
            signal.throwIfAborted();
            resolve(await work(() => this.#pause(task)));
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          } finally {
            signal.removeEventListener('abort', abort);
          }
        },
        refuse: () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')),
      };
      const abort = () => {
        const queue = this.#waiting[lane];
        const place = queue.indexOf(task);
        if (place >= 0) queue.splice(place, 1);
        if (place >= 0 || task.parked) task.refuse();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting[lane].push(task);
      void this.#pump();
    });
  }

  async #pump(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (;;) {
      const next = this.#waiting.interactive.shift() ?? this.#waiting.batch.shift();
      if (!next) break;
      await next.start();
    }
    this.#busy = false;
  }

  async #pause(task: Task): Promise<void> {
    task.parked = true;
    for (;;) {
      const next = this.#waiting.interactive.shift();
      if (!next) break;
      await next.start();
    }
    task.parked = false;
    task.signal.throwIfAborted();
  }
}
