import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { type Method, randomMethodId } from '../../../shared/catalogue/methods';
import { valueAt } from '../../../shared/checked-reads';
import { type MethodCurve, type RetrainedModel, type RunRecord } from '../../../shared/records';
import { type RepetitionScores, summariseRepetitions } from '../../../statistics/repetition-curves';
import { shardSize } from '../jobs/costs';
import { type RetrainedRepository } from './retrained-repository';

interface Parts {
  readonly retrained: RetrainedRepository;
}

/** Curves of a run that retrains, whole or so far; none before all methods share a level. */
export function retrainedCurves(
  parts: Parts,
  { better }: Pick<MetricDescriptor, 'better'>,
  run: RunRecord,
  methods: readonly Method[],
  models: readonly RetrainedModel[],
): MethodCurve[] {
  const scores = repetitionScores(run, methods, models, (method) => tiedOf(parts, run, method));
  const randomIndex = methods.findIndex(({ id }) => id === randomMethodId);
  if (!scores || randomIndex < 0) return [];
  return summariseRepetitions({ ...scores, randomIndex, better });
}

/**
 * The accuracies that can be compared: levels at which every method has a repetition, and as many
 * repetitions as all of these levels have (a run goes repetition by repetition).
 */
function repetitionScores(
  run: RunRecord,
  methods: readonly Method[],
  models: readonly RetrainedModel[],
  tied: (method: string) => readonly number[],
): RepetitionScores | null {
  const key = (method: string | null, level: number, repetition: number) =>
    `${method ?? ''} ${level} ${repetition}`;
  const accuracies = new Map(
    models.map(({ method, level, repetition, accuracy }) => [
      key(method, level, repetition),
      accuracy,
    ]),
  );
  const at = (method: string, level: number, repetition: number) =>
    accuracies.get(key(level === 0 ? null : method, level, repetition));
  const repetitionsAt = (level: number) => {
    let whole = 0;
    while (methods.every(({ id }) => at(id, level, whole) !== undefined)) whole += 1;
    return whole;
  };
  const known = run.settings.levels.map((level, index) => ({
    level,
    index,
    repetitions: methods.length === 0 ? 0 : repetitionsAt(level),
  }));
  const whole = known.filter(({ repetitions }) => repetitions > 0);
  if (whole.length === 0) return null;
  const repetitions = Math.min(...whole.map((level) => level.repetitions));
  return {
    methods,
    levels: whole.map(({ level }) => level),
    accuracies: Float64Array.from(
      methods.flatMap(({ id }) =>
        whole.flatMap(({ level }) =>
          Array.from({ length: repetitions }, (_, r) => at(id, level, r) ?? Number.NaN),
        ),
      ),
    ),
    tied: Float64Array.from(
      methods.flatMap(({ id }) => {
        const shares = tied(id);
        return whole.map(({ index }) => valueAt(shares, index));
      }),
    ),
  };
}

/** By level of the run: mean over validation images, whose files hold as many each but the last. */
function tiedOf(parts: Parts, run: RunRecord, method: string): number[] {
  const { levels, images } = run.settings;
  const shards = parts.retrained.orders(run.id, method, 'validation');
  return levels.map((_, level) =>
    shards.reduce((sum, { shard, tied }) => {
      const size = Math.min(shardSize, images - shard * shardSize);
      return sum + (valueAt(tied, level) * size) / images;
    }, 0),
  );
}
