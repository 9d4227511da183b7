import { computed, type ComputedRef, onMounted, watch } from 'vue';
import { type ModelRecord, type RunRecord } from '../../../shared/records';
import { useModels } from '../../stores/models';
import { useRoar } from '../../stores/roar';
import { explains } from './run-differences';

/** How many finished runs are asked for their model, newest first. */
const asked = 12;

/**
 * Finished ROAR runs whose maps explain a model, newest first. Which model a run used stands in
 * its result, so results are loaded here.
 */
export function useComparableRuns(): {
  runsOf: (model: ModelRecord) => RunRecord[];
  known: ComputedRef<boolean>;
} {
  const roar = useRoar();
  const models = useModels();
  const done = computed(() => roar.runs.filter(({ state }) => state === 'done').slice(0, asked));
  const known = computed(
    () => roar.loaded && done.value.every(({ id }) => roar.resultOf(id) ?? roar.failureOf(id)),
  );

  onMounted(() => void roar.load());
  watch(
    done,
    (runs) => {
      for (const { id } of runs) if (!roar.resultOf(id)) void roar.loadResult(id);
    },
    { immediate: true },
  );

  return {
    known,
    runsOf: (model) =>
      done.value.filter((run) => {
        const result = roar.resultOf(run.id);
        return run.settings.dataset === model.dataset && result
          ? explains(result, model, models.byId)
          : false;
      }),
  };
}
