import { randomUUID } from 'node:crypto';
import { type QuestionId } from '../../../../src/shared/ratings/questions';
import {
  type RatingState,
  type RatingTrial,
  type Telemetry,
} from '../../../../src/shared/ratings/rating-routes';
import { type Api, type RouteOutput } from '../../../../src/shared/routes';

export const screen = { width: 1280, height: 800, pixelRatio: 1 };

export const telemetry: Telemetry = {
  responseMs: 1234.5,
  monotonicMs: 99_000,
  focusLosses: 0,
  unfocusedMs: 0,
  zoomChanges: 1,
  zoom: 8,
  overlayUses: 0,
  input: 'keyboard',
};

/** What a rater does at a page, over any api. */
export function person(api: Api) {
  const answer = (
    position: number,
    question: QuestionId,
    score: number,
    event: string = randomUUID(),
  ): Promise<RouteOutput<'rating.answer'>> =>
    api.call('rating.answer', { event, position, question, score, telemetry });
  return {
    answer,
    open: (): Promise<RatingState> => api.call('rating.open', { screen }),
    /** From wherever the rater is to the first trial that is not answered. */
    async toTrials(): Promise<RatingState> {
      let state = await api.call('rating.open', { screen });
      if (state.phase === 'background') {
        state = await api.call('rating.describe', { experience: 'naive', answers: {} });
      }
      if (state.phase === 'instructions') {
        state = await api.call('rating.advance', { from: 'instructions' });
      }
      if (state.phase === 'consent') state = await api.call('rating.advance', { from: 'consent' });
      return state;
    },
    /** Both pictures of a trial. */
    async look(trial: RatingTrial) {
      const image = await api.call('rating.pixels', { id: trial.image });
      const map = await api.call('rating.pixels', { id: trial.map });
      return { image: image.pixels, map: map.pixels };
    },
    /** Answers all questions of a trial in its order. */
    async rate(trial: RatingTrial, score = 3): Promise<RouteOutput<'rating.answer'>> {
      const [first, ...others] = trial.questions;
      if (!first) throw new Error('a trial asks something');
      let answered = await answer(trial.position, first.id, score);
      for (const { id } of others) answered = await answer(trial.position, id, score);
      return answered;
    },
  };
}
