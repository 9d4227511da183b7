import { type StudioEvent } from '../../../shared/events';

export type Listener = (event: StudioEvent) => void;

/** What core announces. Callers persist first: a listener may read what it is told of. */
export class Events {
  readonly #listeners = new Set<Listener>();
  readonly #onDefect: (error: unknown) => void;

  constructor(onDefect: (error: unknown) => void) {
    this.#onDefect = onDefect;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A listener that throws harms neither the others nor the announcer. */
  emit(event: StudioEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#onDefect(error);
      }
    }
  }
}
