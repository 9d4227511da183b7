import { conflict } from '../../../../shared/errors';
import { type RatersRepository, type StoredRater, type StoredTrial } from '../raters-repository';
import { type StoredStudy, type StudiesRepository } from '../studies-repository';
import { assignTrials, datasetsInTurn, type Pair, pairsOf, type Picture } from './assignment';

interface Store {
  readonly studies: StudiesRepository;
  readonly raters: RatersRepository;
}

/**
 * The order of a rater: seeded by the study and the rater's ordinal, and evened out over the trials
 * that the other raters have been given. Draw and store it in one transaction.
 *
 * @throws `conflict` where the study's maps are not there
 */
export function drawOrder(store: Store, study: StoredStudy, rater: StoredRater): StoredTrial[] {
  const { config } = study;
  const stored = store.studies.images(study.id);
  if (!config || stored.length === 0) {
    throw conflict(`${study.name} has no maps to rate yet: prepare it first.`);
  }
  const pictures = (practice: boolean): Picture[] =>
    stored.filter((picture) => picture.practice === practice);
  const pairs = pairsOf(pictures(false), config.methods);
  const given = new Map(
    store.raters.pairCounts(study.id).map((pair) => [nameOf(pair), pair.count] as const),
  );
  const counts = pairs.map((pair) => given.get(nameOf(pair)) ?? 0);
  const { design, questions } = config;
  const examples = datasetsInTurn(pictures(true));
  const { ordinal } = rater;
  return assignTrials({ pairs, counts, design, questions, ordinal, examples }).trials;
}

function nameOf({ dataset, image, method }: Pair): string {
  return JSON.stringify([dataset, image, method]);
}
