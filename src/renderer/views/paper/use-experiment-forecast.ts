import { onBeforeUnmount, ref, type Ref, watch } from 'vue';
import { type ErrorData, toErrorData } from '../../../shared/errors';
import { type ExperimentForecast } from '../../../shared/experiments';
import { type RouteInput } from '../../../shared/routes';
import { useExperiments } from '../../stores/experiments';

export type ExperimentInput = RouteInput<'experiments.forecast'>;

export interface ForecastState {
  readonly forecast: Ref<ExperimentForecast | null>;
  readonly asking: Ref<boolean>;
  readonly error: Ref<ErrorData | null>;
  ask(): Promise<void>;
}

/** What an experiment would cost, asked again a moment after what it depends on has changed. */
export function useExperimentForecast(
  input: () => ExperimentInput | null,
  also: () => unknown,
): ForecastState {
  const experiments = useExperiments();
  const forecast = ref<ExperimentForecast | null>(null);
  const asking = ref(false);
  const error = ref<ErrorData | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;

  async function ask(): Promise<void> {
    const wanted = input();
    latest += 1;
    const own = latest;
    if (!wanted) return;
    asking.value = true;
    try {
      const answer = await experiments.forecast(wanted);
      if (own !== latest) return;
      forecast.value = answer;
      error.value = null;
    } catch (failure) {
      if (own !== latest) return;
      forecast.value = null;
      error.value = toErrorData(failure);
    } finally {
      if (own === latest) asking.value = false;
    }
  }

  watch(
    () => JSON.stringify([input(), also()]),
    () => {
      clearTimeout(timer);
      latest += 1;
      asking.value = false;
      error.value = null;
      if (input()) timer = setTimeout(() => void ask(), 250);
      else forecast.value = null;
    },
    { immediate: true },
  );
  onBeforeUnmount(() => clearTimeout(timer));
  return { forecast, asking, error, ask };
}
