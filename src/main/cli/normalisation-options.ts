import { z } from 'zod';
import { refuse } from '../../shared/errors';
import { inputPresets } from '../../shared/model-input';
import { parseOptions, scalars } from './options';

/** What weights from elsewhere take of pixels in 0..1, as text from commander. */
export interface NormalisationOptions {
  readonly mean?: string | undefined;
  readonly std?: string | undefined;
  readonly preset?: string | undefined;
}

export const presetIds = inputPresets.map(({ id }) => id).join(', ');
export const meanHelp = 'subtracted from pixels in 0..1, one number for each channel';
export const stdHelp = 'divided by after that';
export const presetHelp = `mean and std that much code shares: ${presetIds}`;

export interface Normalisation {
  readonly mean: number[] | null;
  readonly std: number[] | null;
}

/**
 * The mean and standard deviation of each channel; null where nothing was said.
 *
 * @param channels of the dataset's images
 * @param presetOption what the option of a preset is called where it is asked for
 * @throws StudioError `invalid-input` that names the option
 */
export function normalisationOf(
  { mean, std, preset: id }: NormalisationOptions,
  channels: number,
  presetOption = '--preset',
): Normalisation {
  if (id !== undefined) {
    const preset = inputPresets.find((each) => each.id === id);
    if (!preset) throw refuse(presetOption, id, presetIds);
    if (mean !== undefined || std !== undefined) {
      throw refuse(presetOption, id, 'it or --mean and --std, not both');
    }
    if (preset.mean.length !== channels) {
      const has = `${preset.mean.length} channels`;
      throw refuse(presetOption, id, `none for images of ${channels} channel: it is of ${has}`);
    }
    return { mean: [...preset.mean], std: [...preset.std] };
  }
  const what = channels === 1 ? 'one number' : `${channels} numbers with commas between`;
  const perChannel = z.array(z.number(what)).length(channels, what);
  const schema = z.object({
    mean: perChannel.nullable(),
    std: perChannel
      .refine((values) => values.every((value) => value > 0), 'numbers above 0')
      .nullable(),
  });
  const numbers = (text: string | undefined, option: string) =>
    text === undefined ? null : scalars(text, option);
  const given = { mean: numbers(mean, '--mean'), std: numbers(std, '--std') };
  const found = parseOptions(schema, given, { mean: '--mean', std: '--std' });
  if ((found.mean === null) !== (found.std === null)) {
    const missing = found.mean === null ? '--mean' : '--std';
    throw refuse(missing, null, 'numbers: --mean and --std go together');
  }
  return found;
}
