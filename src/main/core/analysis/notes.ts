import { randomMethodId } from '../../../shared/catalogue/methods';
import { formatCount } from '../../../shared/format/counts';
import { fewestForInterval, fewestForTrust } from '../../../statistics/observations';
import { type Block } from './blocks';
import { type ResultsInput } from './input';
import { namesAlike } from './names-alike';

/** What must be said beside the figures. */
export function notesOf(
  blocks: readonly Block[],
  input: ResultsInput,
  methods: readonly string[],
): string[] {
  const rated = blocks.filter(({ ratings }) => ratings.length > 0);
  const raters = rated[0]?.raters.length ?? 0;
  const notes = [
    'A cell is the median label, of an even number the lower of the two middle ones. Practice, attention checks, repeats and withdrawn raters never count.',
    `Intervals are at 95%, from ${formatCount(input.resamples)} resamples. Those of means and correlations resample raters and images independently, and ROAR’s images where it takes part, never methods; those of agreement resample images.`,
  ];
  if (raters === 1) {
    notes.push('There is one rater: the intervals say nothing about other raters.');
  } else if (raters > 1 && raters < fewestForTrust) {
    notes.push(`With ${raters} raters the intervals are rough, and rather too narrow.`);
  }
  if (rated.some(({ imageCount }) => imageCount === 1)) {
    notes.push('Where one image was rated, the intervals say nothing about other images.');
  }
  const fewImages = (count: number) => count >= fewestForInterval && count < fewestForTrust;
  if (rated.some(({ imageCount }) => fewImages(imageCount))) {
    notes.push(
      `Where fewer than ${fewestForTrust} images were rated, the intervals are rough, and rather too narrow.`,
    );
  }
  const counts = rated.flatMap(({ ratings }) =>
    [...Map.groupBy(ratings, ({ group }) => group).values()].map((cell) => cell.length),
  );
  if (counts.some((count) => count < fewestForTrust)) {
    notes.push(
      `The interval of a cell with fewer than ${fewestForTrust} ratings is rough, and rather too narrow; one rating has none.`,
    );
  }
  if (methods.includes(randomMethodId)) {
    notes.push(
      'The random control has its row in the tables. It is left out of the comparison with ROAR, because its advantage is 0 by definition, and of the Friedman test, because that a control differs says nothing about the methods.',
    );
  }
  notes.push(...namesAlike(input));
  if (new Set(input.questions.map(({ labels }) => labels.length)).size > 1) {
    notes.push(
      'Scales of unlike length are never compared: means, intervals and the bias of raters are in steps of each question’s own scale.',
    );
  }
  if (input.paper.length === 0) return notes;
  notes.push(
    'The paper reports a minimal correlation of human and ROAR assessments, but prints its ROAR values only as figures: its correlation cannot be recomputed.',
  );
  return notes;
}
