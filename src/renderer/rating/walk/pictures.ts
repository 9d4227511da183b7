import { fromWire } from '../../../shared/arrays';
import { StudioError } from '../../../shared/errors';
import { type RatingTrial } from '../../../shared/ratings/rating-routes';
import { type RatingClient } from '../client';

/** RGBA, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** A trial with its pixels at hand, ready to be painted. */
export interface Showing {
  readonly trial: RatingTrial;
  readonly image: Picture;
  readonly map: Picture;
}

/** Trials whose pixels were fetched, by position. */
export interface Showings {
  at(position: number): Showing | undefined;
  /** Fetch the pixels of a trial ahead of time; a failure is left to `fetch`. */
  offer(trial: RatingTrial | null): void;
  /** The showing at a position, fetched now where it was not ahead. */
  fetch(position: number): Promise<Showing>;
  /** Note a label that was recorded. */
  label(position: number, question: string, score: number): void;
  /** Forget trials before this position: who goes back gets them anew. */
  forgetBefore(position: number): void;
  clear(): void;
}

export function createShowings(client: RatingClient): Showings {
  const ready = new Map<number, Showing>();
  const underWay = new Map<number, Promise<Showing>>();
  let generation = 0;

  async function load(trial: RatingTrial): Promise<Showing> {
    const [image, map] = await Promise.all([
      pixels(client, trial.image),
      pixels(client, trial.map),
    ]);
    return { trial, image, map };
  }

  /** One fetch for each position at a time; its result is kept unless everything was cleared. */
  function prepare(position: number, trial: () => Promise<RatingTrial>): Promise<Showing> {
    const begun = generation;
    const promise = trial()
      .then(load)
      .then((showing) => {
        if (begun === generation) ready.set(position, showing);
        return showing;
      })
      .finally(() => {
        if (underWay.get(position) === promise) underWay.delete(position);
      });
    underWay.set(position, promise);
    return promise;
  }

  return {
    at: (position) => ready.get(position),
    offer(trial) {
      if (!trial || ready.has(trial.position) || underWay.has(trial.position)) return;
      prepare(trial.position, () => Promise.resolve(trial)).catch(() => undefined);
    },
    async fetch(position) {
      const known = ready.get(position);
      if (known) return known;
      const anew = () => prepare(position, () => client.call('rating.trial', { position }));
      // Ids are good for one showing: where they have run out, the trial is asked for again.
      return (await underWay.get(position)?.catch(() => null)) ?? anew();
    },
    label(position, question, score) {
      const showing = ready.get(position);
      if (!showing) return;
      const questions = showing.trial.questions.map((asked) =>
        asked.id === question ? { ...asked, score } : asked,
      );
      ready.set(position, { ...showing, trial: { ...showing.trial, questions } });
    },
    forgetBefore(position) {
      for (const known of ready.keys()) if (known < position) ready.delete(known);
    },
    clear() {
      generation += 1;
      ready.clear();
      underWay.clear();
    },
  };
}

async function pixels(client: RatingClient, id: string): Promise<Picture> {
  const { shape, data } = fromWire((await client.call('rating.pixels', { id })).pixels);
  const [height, width, channels] = shape;
  if (!width || !height || channels !== 4 || !(data instanceof Uint8Array)) {
    throw new StudioError({ code: 'internal', message: 'A picture came in an unknown form.' });
  }
  const rgba = new Uint8ClampedArray(width * height * 4);
  rgba.set(data);
  return { width, height, rgba };
}
