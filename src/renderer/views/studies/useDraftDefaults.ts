import { watch } from 'vue';
import { copy, settle } from '../../stores/study-draft';
import { useDatasets } from '../../stores/datasets';
import { useModels } from '../../stores/models';
import { useStudies } from '../../stores/studies';
import { type useComparableRuns } from './useComparableRuns';

/** A name that no study has yet: 'MNIST ratings', 'MNIST ratings 2', … */
export function freeName(datasetNames: readonly string[], taken: readonly string[]): string {
  const stem = `${datasetNames.join(', ') || 'Map'} ratings`;
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? stem : `${stem} ${n}`;
    if (!taken.includes(name)) return name;
  }
}

/**
 * Fills a new draft with what there is: each dataset with its newest model, and the newest ROAR
 * run that explains this model, with the parameters of its maps. What a person chose stays.
 */
export function useDraftDefaults(runs: ReturnType<typeof useComparableRuns>): void {
  const studies = useStudies();
  const models = useModels();
  const datasets = useDatasets();

  function fill(): void {
    const { draft } = studies;
    if (draft.study !== null || !models.loaded || !studies.loaded) return;
    // Where they cannot be listed, the study is made all the same.
    if (!datasets.loaded && !datasets.error) return;
    const untouched = !studies.hasDraft;
    for (const { id } of datasets.all) {
      const model = models.base.find(({ dataset }) => dataset === id);
      if (!model || draft.filled.includes(id) || datasets.lacks(id)) continue;
      draft.filled.push(id);
      draft.config.datasets.push({
        dataset: id,
        model: model.id,
        images: { kind: 'sampled', count: datasets.atMost(id, 10), seed: 0 },
        run: null,
      });
    }
    if (draft.name === '' && draft.config.datasets.length > 0) {
      const names = datasets.all
        .filter(({ id }) => draft.config.datasets.some(({ dataset }) => dataset === id))
        .map(({ name }) => name);
      draft.name = freeName(
        names,
        studies.studies.map(({ name }) => name),
      );
    }
    choose();
    if (untouched) settle(draft);
  }

  function choose(): void {
    const { draft } = studies;
    if (!runs.known.value) return;
    for (const entry of draft.config.datasets) {
      if (draft.runChosen.includes(entry.dataset)) continue;
      draft.runChosen.push(entry.dataset);
      const model = models.byId(entry.model);
      const newest = model ? runs.runsOf(model)[0] : undefined;
      if (!newest) continue;
      entry.run = newest.id;
      // The first run says how all maps are made; a second dataset's must not change them again.
      if (draft.config.datasets[0] === entry) {
        draft.config.parameters = copy(newest.settings.parameters);
        draft.config.mapSeed = newest.settings.seed;
        draft.config.reduction = newest.settings.reduction;
      }
    }
  }

  watch(
    [
      () => models.base,
      () => datasets.loaded,
      runs.known,
      () => studies.loaded,
      () => studies.draft.study,
    ],
    fill,
    {
      immediate: true,
    },
  );
}
