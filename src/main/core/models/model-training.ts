import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { recipeFields } from '../../../shared/catalogue/network';
import { completeTrainInput } from '../../../shared/catalogue/train-input';
import { type NewId } from '../../../shared/ids';
import { shapeSeen } from '../../../shared/model-input';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { engineKey, modelKey, type TrainingSpec } from '../artifacts/keys';
import { type DatasetsService, requireTrainLimit } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { ledgerStages } from '../jobs/run-plan';
import { type Scheduler } from '../jobs/scheduler';
import { networkOf } from './model-form';
import { type ModelsService } from './models-service';
import { type StartParts, withFittingStart } from './starting-weights';
import { trainingPlan } from './training-plan';
import { type Trainings } from './trainings';
import { trainedName } from './weights-file-name';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'networks'>;
  readonly datasets: DatasetsService;
  readonly engine: EngineHost;
  readonly models: ModelsService;
  readonly newId: NewId;
  readonly scheduler: Scheduler;
  readonly starts: StartParts;
  readonly trainings: Trainings;
}

/** A job for the model of these inputs; one that is known goes on where it stopped. */
export async function trainModel(
  parts: Parts,
  input: RouteParsed<'models.train'>,
): Promise<RouteOutput<'models.train'>> {
  const { datasets, models, scheduler, starts, trainings } = parts;
  const { networks } = parts.catalogues;
  const { dataset } = input;
  const of = { dataset: datasets.facts(dataset), networks: networks.list };
  const { removal, removalSeed, recipe: completed } = completeTrainInput(of, input);
  const counts = await datasets.counts(dataset);
  const checked = networks.checked(
    completed,
    { inputShape: shapeSeen(counts.shape, completed), classes: counts.classes },
    `of ${counts.name}`,
    recipeFields('recipe'),
  );
  const recipe = await withFittingStart(starts, checked, counts, 'recipe');
  const spec: TrainingSpec = { dataset, recipe, removal, removalSeed };
  requireTrainLimit('recipe.trainLimit', recipe.trainLimit, counts.train);
  const content = await datasets.key(dataset);
  const key = modelKey(spec, content, engineKey(await parts.engine.ready()));
  const present = trainings.find(key);
  if (present?.job && present.state !== 'ready' && scheduler.isActive(present.job)) {
    return { job: scheduler.get(present.job), model: models.get(present.id) };
  }
  const plan = trainingPlan(trainings, {
    spec,
    dataset: content,
    key,
    network: networkOf(counts, recipe),
    counts,
    rates: null,
    model: () => trainings.find(key),
    job: null,
  });
  const name = trainedName(counts, recipe.architecture, removal.level);
  const subject = present?.id ?? parts.newId('model');
  const job = scheduler.start(
    {
      kind: 'train',
      title: `Train ${name}`,
      subject,
      input: { model: subject, dataset: content },
      stages: ledgerStages(plan),
    },
    ({ id }) => trainings.assign(trainings.make(key, spec, name, id, subject), id),
  );
  return { job, model: models.get(subject) };
}
