import { canonicalJson } from '../../../shared/canonical';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { completeRoarSettings } from '../../../shared/catalogue/complete-settings';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { type ParameterValues } from '../../../shared/catalogue/parameter';
import { valueAt } from '../../../shared/checked-reads';
import { conflict } from '../../../shared/errors';
import { type RunRecord } from '../../../shared/records';
import { stratifiedIndices } from '../../../shared/selection';
import { type DatasetsService } from '../datasets/datasets-service';
import { type ModelsService } from '../models/models-service';
import { type RunsRepository } from './runs-repository';
import { type SheetSubject } from './sheet-block';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'metrics' | 'networks' | 'operators'>;
  readonly datasets: DatasetsService;
  readonly models: ModelsService;
  readonly runs: RunsRepository;
}

/** The maps of a run. Throws `conflict` where its base model is not trained. */
export function subjectOfRun(
  { models, runs }: Pick<Parts, 'models' | 'runs'>,
  run: RunRecord,
): SheetSubject {
  const base = runs.levels(run.id).find(({ level }) => level === 0)?.model ?? null;
  if (base === null) throw conflict(`${run.name} has no model of level 0 yet.`);
  const { settings } = run;
  return { settings, run, model: models.ready(base), images: runs.images(run.id) };
}

/** The newest t = 0 model, with the maps of the newest finished run on it where there is one. */
export async function subjectOfDataset(parts: Parts, facts: DatasetFacts): Promise<SheetSubject> {
  const { datasets, models, runs } = parts;
  const { networks, metrics, operators } = parts.catalogues;
  const { id: dataset } = facts;
  const model = models.newest(dataset);
  if (!model) throw conflict('No model is trained on whole images yet.');
  const of = { dataset: facts, networks: networks.list, metrics, operators };
  const settings = completeRoarSettings(of, { dataset });
  const like = runs
    .list()
    .filter(
      (run) =>
        run.state === 'done' &&
        usualMaps(operators, run.settings) &&
        run.settings.methods.every((method) => runs.maps(run.id, method).length > 0) &&
        runs.levels(run.id).some(({ level, model: own }) => level === 0 && own === model.id),
    );
  const wanted = canonicalJson(settings.parameters);
  const exact = like.find((run) => canonicalJson(run.settings.parameters) === wanted);
  const run = exact ?? like[0];
  if (run) return subjectOfRun(parts, run);
  const labels = await datasets.labels(dataset, 'validation');
  const images = stratifiedIndices(labels, settings.images, settings.seed);
  const labelled = images.map((image) => ({ image, label: valueAt(labels, image) }));
  return { settings, run: null, model, images: labelled };
}

/** Whether a run's maps are the paper's by our reading, but for how many samples and steps. */
function usualMaps(
  operators: OperatorCatalogue,
  { reduction, parameters }: RunRecord['settings'],
): boolean {
  const usual = Object.entries(operators.parameters).every(
    ([name, parameter]) =>
      ('counts' in parameter && parameter.counts !== undefined) ||
      (parameters as ParameterValues)[name] === parameter.default,
  );
  return reduction === 'absolute' && usual;
}
