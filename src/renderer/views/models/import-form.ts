import { type KnownDataset, type Normalisation } from '../../../shared/catalogue/datasets';
import { cropSchema, inputPresets } from '../../../shared/model-input';

/** Pixels as they are. */
const none: Normalisation = { id: 'none', name: 'None: pixels from 0 to 1', mean: [], std: [] };

/** How training code usually normalises a dataset's images, the plainest first. */
export function normalisationsOf(
  known: KnownDataset | null,
  channels: number,
): readonly Normalisation[] {
  const own = known?.normalisations ?? [];
  const shared = inputPresets.filter(
    ({ mean, std }) =>
      mean.length === channels && !own.some((one) => same(one.mean, mean) && same(one.std, std)),
  );
  return [none, ...own, ...shared];
}

const same = (one: readonly number[], other: readonly number[]) => one.join() === other.join();

/** Of numbers that are no preset's. */
export const ownNormalisation = 'own';

/** The preset whose numbers these texts are. */
export function presetOf(
  presets: readonly Normalisation[],
  channels: number,
  mean: string,
  std: string,
): string {
  const typed = JSON.stringify([readChannels(mean, channels), readChannels(std, channels)]);
  const found = presets.find((preset) => {
    const own = [preset.mean, preset.std].map((values) => (values.length === 0 ? null : values));
    return JSON.stringify(own) === typed;
  });
  return found?.id ?? ownNormalisation;
}

/**
 * '0.13' or '0.4, 0.5, 0.6' as numbers, one for each channel; null for an empty text and undefined
 * for anything else.
 */
export function readChannels(text: string, channels: number): number[] | null | undefined {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (parts.length === 0) return null;
  const values = parts.map(Number);
  return values.length === channels && values.every(Number.isFinite) ? values : undefined;
}

/** A side of what a model sees, at most `most`; null for an empty text and undefined for what is none. */
export function readSide(text: string, most?: number): number | null | undefined {
  if (text.trim() === '') return null;
  const side = (most === undefined ? cropSchema : cropSchema.max(most)).safeParse(Number(text));
  return side.data;
}
