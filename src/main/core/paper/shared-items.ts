import { canonicalJson } from '../../../shared/canonical';
import { parseComposition } from '../../../shared/catalogue/compositions';
import { type Method } from '../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { normaliseTraining } from '../artifacts/keys';
import { levelSpec } from '../evaluation/roar/level-training';
import { mapItem } from '../evaluation/metrics/planned-maps';
import { shardSize } from '../jobs/costs';
import { epochItem } from '../models/trainings';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

/**
 * The items of a run, as 'stage item', that runs before it will have stored: models trained alike,
 * and maps with the same parameters of the same model. All are of the protocol `paper`.
 */
export function sharedItems(
  operators: OperatorCatalogue,
  settings: RoarSettings,
  earlier: readonly RoarSettings[],
  methods: readonly Method[],
): Set<string> {
  const shared = new Set<string>();
  const trained = new Set(
    earlier.flatMap((run) => run.levels.map((level) => trainingOf(run, level))),
  );
  for (const level of settings.levels) {
    if (!trained.has(trainingOf(settings, level))) continue;
    for (let epoch = 0; epoch < settings.recipe.epochs; epoch += 1) {
      shared.add(`train ${epochItem(level, epoch)}`);
    }
  }
  const shards = Math.ceil(settings.images / shardSize);
  for (const method of methods) {
    const mine = mapsOf(operators, settings, method);
    const made = earlier.some(
      (run) => run.methods.includes(method.id) && mapsOf(operators, run, method) === mine,
    );
    if (!made) continue;
    for (let shard = 0; shard < shards; shard += 1) shared.add(`maps ${mapItem(method.id, shard)}`);
  }
  return shared;
}

function trainingOf(settings: RoarSettings, level: number): string {
  return canonicalJson(normaliseTraining(levelSpec(settings, level)));
}

function mapsOf(
  operators: OperatorCatalogue,
  settings: RoarSettings,
  { composition }: Method,
): string {
  const { images, seed, parameters } = settings;
  const relevant = operators.relevant(parseComposition(composition), parameters);
  return canonicalJson([trainingOf(settings, 0), images, seed, relevant]);
}
