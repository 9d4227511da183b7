import { type NewLabel } from '../../../../src/main/core/ratings/events-repository';
import { type StoredRater } from '../../../../src/main/core/studies/raters-repository';
import { type StoredStudy } from '../../../../src/main/core/studies/studies-repository';
import { studyConfigSchema } from '../../../../src/shared/ratings/study';
import { at, id } from './helpers';

export const config = studyConfigSchema.parse({
  datasets: [{ dataset: 'mnist', model: id('model', 'a') }],
});

export function newStudy(letter: string, change: Partial<StoredStudy> = {}): StoredStudy {
  return {
    id: id('study', letter),
    name: `Study ${letter}`,
    version: 1,
    previous: null,
    origin: 'designed',
    state: 'draft',
    config,
    questions: null,
    hash: null,
    job: null,
    revealedAt: null,
    createdAt: at(1),
    closedAt: null,
    ...change,
  };
}

type NewRater = Pick<StoredRater, 'id' | 'study' | 'code' | 'ordinal' | 'createdAt'>;

export function newRater(letter: string, change: Partial<NewRater> = {}): NewRater {
  return {
    id: id('rater', letter),
    study: id('study', 'a'),
    code: `R-${letter}`,
    ordinal: letter.charCodeAt(0) - 97,
    createdAt: at(1),
    ...change,
  };
}

let drawn = 0;

/** A label of rater R-a in study a, with an event id of its own. */
export function newLabel(change: Partial<NewLabel> = {}): NewLabel {
  drawn += 1;
  return {
    event: `event ${drawn}`,
    action: 'rate',
    study: id('study', 'a'),
    rater: 'R-a',
    dataset: 'mnist',
    image: '7',
    method: 'smoothgrad',
    question: 'visual-coherence',
    kind: 'main',
    repeat: 0,
    score: 3,
    session: null,
    trial: '0',
    ratedAt: at(2),
    recordedAt: at(2),
    ...change,
  };
}
