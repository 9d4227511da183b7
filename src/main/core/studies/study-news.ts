import { type StudyStore } from './study-store';

/** Milliseconds between two announcements of one study: many raters answer at once. */
const pause = 500;

/** Announces that a study's ratings changed, at once and then at most so often. */
export class StudyNews {
  readonly #store: StudyStore;
  /** Studies announced within the last pause, and whether something happened since. */
  readonly #quiet = new Map<string, { timer: NodeJS.Timeout; more: boolean }>();

  constructor(store: StudyStore) {
    this.#store = store;
  }

  changed(study: string): void {
    const quiet = this.#quiet.get(study);
    if (quiet) quiet.more = true;
    else this.#announce(study);
  }

  close(): void {
    for (const { timer } of this.#quiet.values()) clearTimeout(timer);
    this.#quiet.clear();
  }

  #announce(study: string): void {
    const timer = setTimeout(() => {
      const more = this.#quiet.get(study)?.more ?? false;
      this.#quiet.delete(study);
      if (more) this.#announce(study);
    }, pause);
    // News keep nobody from ending.
    timer.unref();
    this.#quiet.set(study, { timer, more: false });
    this.#store.announce(study);
  }
}
