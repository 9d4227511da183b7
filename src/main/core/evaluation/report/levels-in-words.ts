import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { formatLevel } from '../../../../shared/format/numbers';

/** '0 to 0.9'. */
export const levelsInWords = ({ levels }: Pick<RoarSettings, 'levels'>): string =>
  `${formatLevel(levels[0] ?? 0)} to ${formatLevel(levels.at(-1) ?? 0)}`;
