import { randomMethodId } from '../../../shared/catalogue/methods';
import { coherenceId, edgesId, type QuestionId } from '../../../shared/ratings/questions';
import { type Correlation } from '../../../shared/ratings/results';
import { resampleMeans } from '../../../statistics/bootstrap';
import { fewestForInterval } from '../../../statistics/observations';
import { type Block, isCrossed } from './blocks';
import { correlationRows, type Pairing } from './correlation-rows';
import { type ResultsInput } from './input';

/**
 * Human against ROAR for each question and, where both are asked, coherence against edges. The unit is (dataset, method);
 * against ROAR the random control is left out, because its advantage is 0 by definition. Intervals
 * resample raters, rated images and ROAR images, never methods.
 */
export function correlationsOf(blocks: readonly Block[], input: ResultsInput): Correlation[] {
  const datasets = [...new Set(blocks.map(({ dataset }) => dataset))];
  const block = (question: QuestionId, dataset: string) =>
    blocks.find((candidate) => candidate.question === question && candidate.dataset === dataset);
  const humanAgainstRoar = input.questions.flatMap(({ id: question }) =>
    correlationRows(
      { question, against: 'roar-advantage' },
      datasets.map((dataset) => {
        const human = humanSide(block(question, dataset));
        const roar = roarSide(input, dataset);
        if (typeof roar === 'string') return noPairing(dataset, roar);
        return pairingOf(
          dataset,
          human,
          roar,
          (methods) => oneImage(input, dataset) ?? oneLabel(block(question, dataset), methods),
        );
      }),
      input.resamples,
    ),
  );
  if (![coherenceId, edgesId].every((id) => input.questions.some((one) => one.id === id))) {
    return humanAgainstRoar;
  }
  const coherenceAgainstEdges = correlationRows(
    { question: coherenceId, against: edgesId },
    datasets.map((dataset) => {
      const [coherence, edges] = [block(coherenceId, dataset), block(edgesId, dataset)];
      return pairingOf(
        dataset,
        humanSide(coherence),
        humanSide(edges),
        (methods) => oneLabel(coherence, methods) ?? oneLabel(edges, methods),
      );
    }),
    input.resamples,
  );
  return [...humanAgainstRoar, ...coherenceAgainstEdges];
}

/** A value for each method with its resamples. */
type Side = ReadonlyMap<string, { readonly value: number; readonly resampled: Float64Array }>;

function humanSide(block: Block | undefined): Side {
  const side = new Map<string, { value: number; resampled: Float64Array }>();
  block?.methods.forEach((method, m) => {
    const [value, resampled] = [block.means[m], block.resampled[m]];
    if (typeof value === 'number' && resampled) side.set(method, { value, resampled });
  });
  return side;
}

/** ROAR's advantages, or why there are none. */
function roarSide(input: ResultsInput, dataset: string): Side | string {
  const compared = input.roar.find((candidate) => candidate.dataset === dataset);
  if (!compared?.areas) return compared?.reason ?? 'No ROAR run stands beside this dataset.';
  const { methods, areas, random, better } = compared.areas;
  const images = random.length;
  const rows = areas.map((area, at) => {
    const lead = (random[at % images] as number) - area;
    return better === 'lower' ? lead : -lead;
  });
  const { seed, resamples } = input;
  const purpose = `results/roar-images/${dataset}`;
  const means = resampleMeans(rows, images, { resamples, seed, purpose });
  const side = new Map<string, { value: number; resampled: Float64Array }>();
  methods.forEach((method, m) => {
    if (method === randomMethodId) return;
    const row = rows.subarray(m * images, (m + 1) * images);
    const value = row.reduce((sum, advantage) => sum + advantage, 0) / images;
    side.set(method, { value, resampled: means.subarray(m * resamples, (m + 1) * resamples) });
  });
  return side;
}

/** @param whyNot why the methods of both sides can have no interval; null where they can */
function pairingOf(
  dataset: string,
  a: Side,
  b: Side,
  whyNot: (methods: readonly string[]) => string | null,
): Pairing {
  const methods = [...a.keys()].filter((method) => b.has(method));
  const pointsOf = (side: Side) => methods.flatMap((method) => side.get(method) ?? []);
  return {
    dataset,
    x: pointsOf(a).map(({ value }) => value),
    y: pointsOf(b).map(({ value }) => value),
    resampledX: pointsOf(a).map(({ resampled }) => resampled),
    resampledY: pointsOf(b).map(({ resampled }) => resampled),
    missing: null,
    noInterval: whyNot(methods),
  };
}

function noPairing(dataset: string, missing: string): Pairing {
  const none = { x: [], y: [], resampledX: [], resampledY: [] };
  return { dataset, ...none, missing, noInterval: null };
}

function oneImage({ roar }: ResultsInput, dataset: string): string | null {
  const areas = roar.find((candidate) => candidate.dataset === dataset)?.areas;
  return areas && areas.random.length < fewestForInterval
    ? 'A ROAR run on one image leaves nothing to resample for an interval.'
    : null;
}

function oneLabel(block: Block | undefined, methods: readonly string[]): string | null {
  if (!block) return null;
  if (block.raterCount < 2 && block.imageCount < 2) {
    return 'One rater and one image leave nothing to resample for an interval.';
  }
  const alone = methods.filter((method) => !isCrossed(block, block.methods.indexOf(method)));
  return alone.length > 0
    ? `One label alone leaves nothing to resample for an interval: ${alone.join(', ')}.`
    : null;
}
