import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { retrainPlan } from '../src/main/core/evaluation/metrics/retrain-plan';
import { type RunInputs } from '../src/main/core/evaluation/roar/metric-plan';
import { Events } from '../src/main/core/jobs/events';
import { specId } from '../src/main/core/jobs/item-spec';
import { openChains, simulate } from '../src/main/core/jobs/simulate';
import { MethodsService } from '../src/main/core/maps/methods';
import { networkOf } from '../src/main/core/models/model-form';
import { Trainings } from '../src/main/core/models/trainings';
import { ArtifactStore } from '../src/main/core/artifacts/artifact-store';
import { openDataDirectory } from '../src/main/core/storage/data-directory';
import { systemClock } from '../src/main/core/storage/environment';
import { installedFiles } from '../src/main/core/storage/installed-files';
import { createStores } from '../src/main/core/stores';
import { builtInCatalogues } from '../src/shared/catalogue/catalogues';
import { completeRoarSettings } from '../src/shared/catalogue/complete-settings';
import { type RoarSettings } from '../src/shared/catalogue/roar';
import { valueAt } from '../src/shared/checked-reads';
import { refuse, toErrorData } from '../src/shared/errors';
import { formatDuration } from '../src/shared/format/times';
import { limitNames } from '../src/shared/simulation';

/**
 * The whole grid of a dataset under `retrain`, simulated on several workers of equal rate with the times
 * that the items of a run took (its ledger, read from a data directory). Of each stage, what an item took
 * for each unit of its expected cost is taken from the run in turn, so that its spread stays.
 */
const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    /** A run under `retrain`; default the newest of the dataset. */
    run: { type: 'string' },
    dataset: { type: 'string', default: 'cifar10' },
    workers: { type: 'string', default: '1,3,10,100' },
    json: { type: 'string' },
  },
});
async function main(): Promise<void> {
  if (options.data === undefined) throw refuse('--data', null, 'a data directory with a run');
  const workers = options.workers.split(',').map((text) => {
    const count = Number(text);
    if (!Number.isInteger(count) || count < 1) {
      throw refuse('--workers', options.workers, 'whole numbers from 1 with commas between');
    }
    return count;
  });

  const catalogues = builtInCatalogues;
  const clock = systemClock;
  const directory = openDataDirectory({
    path: options.data,
    migrations: installedFiles().migrations,
    mode: 'read',
    shell: 'bench',
    now: () => clock.now(),
  });
  const { database } = directory;
  const events = new Events(() => undefined);
  const artifacts = new ArtifactStore({
    root: directory.artifacts,
    database,
    now: () => clock.now(),
  });
  const stores = createStores(database, events, artifacts);
  const methods = new MethodsService({
    ...stores,
    catalogues,
    clock,
    events,
    methodUsers: () => [],
  });
  const newId = () => {
    throw new RangeError('nothing is made here');
  };
  const trainings = new Trainings({
    ...stores,
    artifacts,
    catalogues,
    clock,
    database,
    events,
    newId,
  });
  const planParts = { ...stores, artifacts, trainings, summarise: () => Promise.resolve() };

  /** The plan of such a run as its costs need it: nothing of it will be done. */
  function planOf(settings: RoarSettings) {
    const counts = catalogues.datasets.find(settings.dataset);
    if (!counts) throw refuse('--dataset', settings.dataset, 'a known dataset');
    const inputs: RunInputs = {
      settings,
      methods: methods.resolve(settings.methods),
      operators: methods.operators,
      counts,
      whole: counts.shape,
      size: trainings.checkpointSize(networkOf(counts, settings.recipe), settings.recipe),
      dataset: { dataset: settings.dataset, files: [] },
      engine: {
        numerics: 0,
        tensorflow: '',
        device: '',
        deviceName: '',
        threads: 1,
        oneDnn: false,
        plan: {},
        arithmetic: {},
      },
      images: Array.from({ length: settings.images }, (_, image) => ({ image, label: 0 })),
      // Which classes they are of changes no cost.
      trainLabels: () =>
        Promise.resolve(Array.from({ length: counts.train }, (_, i) => i % counts.classes)),
      rates: null,
      owner: null,
    };
    return retrainPlan(false)(planParts, inputs);
  }

  const found = stores.runs
    .list()
    .find(
      ({ id, settings }) =>
        settings.protocol === 'retrain' &&
        (options.run === undefined ? settings.dataset === options.dataset : id === options.run),
    );
  if (!found) {
    throw refuse(
      '--run',
      options.run ?? null,
      `a run of ${options.dataset} under retrain in --data`,
    );
  }

  // Seconds for each unit of expected cost, by stage.
  const ratios = new Map<string, number[]>();
  const measured = await planOf(found.settings);
  for (const { stage, items } of measured.specs) {
    const done = stores.jobs.doneItems(found.job, stage);
    for (const { id, cost } of items) {
      const item = done.get(id);
      if (!item || item.reused || cost === 0) continue;
      ratios.set(stage, [...(ratios.get(stage) ?? []), item.seconds / cost]);
    }
  }
  const settings = completeRoarSettings(
    {
      dataset: catalogues.datasets.get(found.settings.dataset),
      networks: catalogues.networks.list,
      metrics: catalogues.metrics,
      operators: catalogues.operators,
    },
    { dataset: found.settings.dataset, protocol: 'retrain', recipe: found.settings.recipe },
  );
  const grid = await planOf({
    ...settings,
    recipe: { ...found.settings.recipe, trainLimit: null },
  });
  const taken = new Map<string, number>();
  for (const { stage, items } of grid.specs) {
    for (const { id, cost } of items) {
      const of = ratios.get(stage);
      if (of === undefined && cost > 0) {
        throw refuse(
          '--run',
          found.id,
          `a run in which something of the stage ${stage} was computed`,
        );
      }
      const ratio = of ? valueAt(of, taken.size % of.length) : 0;
      taken.set(specId(stage, id), cost * ratio);
    }
  }
  const chains = openChains(grid.specs, (stage, { id }) => taken.get(specId(stage, id)) ?? null);
  const rows = workers.map((count) => {
    const before = performance.now();
    const result = simulate(
      chains,
      Array.from({ length: count }, () => 1),
    );
    return { workers: count, ...result, simulatedIn: performance.now() - before };
  });
  const alone = simulate(chains, [1]).seconds;

  console.log(
    `${catalogues.datasets.get(found.settings.dataset).name} under retrain: ${chains.length} chains, ${taken.size} items, ${formatDuration(alone)} of work by the times of run ${found.id}`,
  );
  for (const { workers: count, seconds, idle, limit, simulatedIn } of rows) {
    console.log(
      `${String(count).padStart(5)} workers  ${formatDuration(seconds).padEnd(12)} ${(alone / seconds).toFixed(2).padStart(6)} times as fast  idle ${(100 * idle).toFixed(1).padStart(4)}%  limited by ${limitNames[limit]}  (told in ${simulatedIn.toFixed(1)} ms)`,
    );
  }
  directory.close();
  if (options.json) {
    writeFileSync(options.json, JSON.stringify({ run: found.id, work: alone, rows }, null, 2));
  }
}

try {
  await main();
} catch (error) {
  console.error(toErrorData(error).message);
  process.exitCode = 1;
}
