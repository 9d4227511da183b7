import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { valueAt } from '../../../../shared/checked-reads';
import { formatLevel } from '../../../../shared/format/numbers';

/** '0 to 0.9'. */
export const levelsInWords = ({ levels }: Pick<RoarSettings, 'levels'>): string =>
  `${formatLevel(valueAt(levels, 0))} to ${formatLevel(valueAt(levels, levels.length - 1))}`;
