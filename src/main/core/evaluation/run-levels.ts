import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { type RunRecord, type RunResult } from '../../../shared/records';
import { type Publication, publishedAccuracy } from '../export/publication';
import { type ModelsRepository } from '../models/models-repository';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly models: ModelsRepository;
  readonly paper: () => Publication;
  readonly runs: RunsRepository;
}

/** The models that are kept: one a level where the metric trains those, else the base model. */
export function runLevels(
  { models, paper, runs }: Parts,
  { id, settings }: RunRecord,
  { needs }: Pick<MetricDescriptor, 'needs'>,
): RunResult['levels'] {
  const stored = new Map(runs.levels(id).map((row) => [row.level, row]));
  const { dataset, levels, recipe } = settings;
  const trained = { dataset, architecture: recipe.architecture };
  return (needs.includes('level-models') ? levels : levels.slice(0, 1)).map((level) => {
    const row = stored.get(level);
    const model = row?.model ? models.get(row.model) : undefined;
    return {
      level,
      model: model?.id ?? null,
      validationAccuracy: model?.validationAccuracy ?? null,
      paperAccuracy: publishedAccuracy(paper(), trained, level),
      epochs: model?.epochs.length ?? 0,
      seconds: row?.seconds ?? 0,
      reused: row?.reused ?? false,
      ...(model?.input && { input: model.input }),
    };
  });
}
