/** The two pictures of one showing of one trial, under ids drawn for it. */
export interface Showing {
  readonly image: string;
  readonly map: string;
}

interface Shown extends Showing {
  readonly client: string;
  readonly position: number;
  /** Shown ahead of its time: whoever asks for it again is given the same. */
  readonly ahead: boolean;
}

/** What an id stands for. */
export interface Picture {
  readonly position: number;
  readonly part: 'image' | 'map';
}

/** Showings of a rater that can be fetched: the one on screen, the next, and some on their way. */
const kept = 12;

/**
 * One-time ids of pictures, in memory alone. An id is drawn for one showing to one rater, is worth
 * nothing to anybody else, and ends when newer showings take its place.
 */
export class Showings {
  readonly #draw: () => string;
  readonly #shown = new Map<string, Shown[]>();

  /** @param draw an id that cannot be guessed and never comes twice */
  constructor(draw: () => string) {
    this.#draw = draw;
  }

  show(rater: string, client: string, position: number): Showing {
    return this.#add(rater, { client, position, ahead: false });
  }

  /** To be fetched ahead. Asked again by the same client, the answer is the same. */
  ahead(rater: string, client: string, position: number): Showing {
    const before = this.#shownTo(rater).find(
      (shown) => shown.ahead && shown.client === client && shown.position === position,
    );
    return before ?? this.#add(rater, { client, position, ahead: true });
  }

  /** What this rater may fetch under an id. */
  find(rater: string, id: string): Picture | undefined {
    for (const { position, image, map } of this.#shownTo(rater)) {
      if (id === image) return { position, part: 'image' };
      if (id === map) return { position, part: 'map' };
    }
    return undefined;
  }

  forget(rater: string): void {
    this.#shown.delete(rater);
  }

  #shownTo(rater: string): readonly Shown[] {
    return this.#shown.get(rater) ?? [];
  }

  #add(rater: string, what: Omit<Shown, 'image' | 'map'>): Shown {
    const shown = { ...what, image: this.#draw(), map: this.#draw() };
    this.#shown.set(rater, [...this.#shownTo(rater), shown].slice(-kept));
    return shown;
  }
}
