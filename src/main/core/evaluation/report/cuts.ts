import { formatCount } from '../../../../shared/format/counts';
import { type DatasetFacts } from '../../../../shared/catalogue/datasets';
import { type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { type FullProtocol } from '../full-protocol';
import { type Parameters, type ParameterValues } from '../../../../shared/catalogue/parameter';

/** How much of a dataset there is. */
export type DatasetCut = Pick<DatasetFacts, 'classes' | 'train' | 'validation'>;

/**
 * What a run has less of than its protocol in full, in what a claim of this kind rests on; nothing
 * where it is as large.
 *
 * @param described the parameters of maps
 * @param full what it is held against
 * @param counts what of the dataset was there; null: it is not known any more. Left out: the whole.
 */
export function cutsOf(
  described: Parameters,
  metric: Pick<MetricDescriptor, 'observation'>,
  settings: RoarSettings,
  { settings: full, dataset }: FullProtocol,
  kind: 'accuracy' | 'roar' | 'ratings' | 'both' = 'roar',
  counts?: DatasetCut | null,
): string[] {
  const { recipe, parameters } = settings;
  const { train, validation, classes } = counts ?? dataset;
  const cuts: string[] = [];
  const compare = (few: number, all: number, what: string) => {
    if (few < all) cuts.push(`${formatCount(few)} of ${formatCount(all)} ${what}`);
  };
  compare(classes, dataset.classes, 'classes');
  compare(Math.min(recipe.trainLimit ?? train, train), dataset.train, 'training images');
  if (counts === null) cuts.push('how much of the dataset there was is not known any more');
  const repeated = metric.observation === 'repetition';
  // Where models are retrained, the run's own images are those that validate.
  if (!repeated) compare(validation, dataset.validation, 'validation images');
  if (recipe.architecture !== full.recipe.architecture) {
    cuts.push(`${recipe.architecture} in place of ${full.recipe.architecture}`);
  } else {
    // The paper states no number of epochs: what ours is by default.
    compare(recipe.epochs, full.recipe.epochs, 'epochs');
  }
  // Accuracies rest on training alone.
  if (kind === 'accuracy') return cuts;
  compare(settings.images, full.images, repeated ? 'validation images' : 'images');
  if (repeated) compare(settings.repetitions, full.repetitions, 'repetitions');
  for (const [name, parameter] of Object.entries(described)) {
    if (!('counts' in parameter) || parameter.counts === undefined) continue;
    const few = (parameters as ParameterValues)[name];
    if (typeof few === 'number') compare(few, parameter.default, parameter.counts);
  }
  return cuts;
}

/** All that a run has less of. Claims name the levels that they need; a figure shows fewer. */
export function runCuts(
  described: Parameters,
  metric: Pick<MetricDescriptor, 'observation'>,
  settings: RoarSettings,
  full: FullProtocol,
  counts: DatasetCut | null,
): string[] {
  const { levels } = settings;
  const all = full.settings.levels.length;
  const few = levels.length < all ? [`${levels.length} of ${all} levels`] : [];
  return [...cutsOf(described, metric, settings, full, 'roar', counts), ...few];
}

/** The cuts as a sentence to stand beside a figure; null where there are none. */
export function cutsSentence(cuts: readonly string[]): string | null {
  if (cuts.length === 0) return null;
  return `A check of the plumbing, not the protocol in full: ${cuts.join(', ')}.`;
}
