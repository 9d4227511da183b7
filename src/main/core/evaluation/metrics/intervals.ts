import { formatCount } from '../../../../shared/format/counts';
import { type Planned } from '../../jobs/item-spec';
import { type PlanParts, reportItem, type RunInputs } from '../roar/metric-plan';

/**
 * Weighted sums of the bootstrap, and of the claims that rest on it, that one core does in a second:
 * not measured on this machine, for it is a second or two of a run.
 */
const resampledValuesPerSecond = 1e8;

/**
 * The last item of a run over images.
 *
 * @param values how many are resampled
 */
export function intervals(
  parts: PlanParts,
  inputs: RunInputs,
  values: number,
  needs: readonly string[],
): Planned {
  const { resamples } = inputs.settings;
  const title = `Intervals from ${formatCount(resamples)} resamples`;
  const cost = (values * resamples) / resampledValuesPerSecond;
  return reportItem(parts, inputs, { title, cost }, needs);
}
