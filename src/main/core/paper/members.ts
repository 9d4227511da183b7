import { type RoarSettings } from '../../../shared/catalogue/roar';
import { presetSettings, type RoarPreset } from '../../../shared/catalogue/roar-presets';
import { type RunSettingsOf } from '../../../shared/catalogue/complete-settings';
import { type ExperimentKind } from '../../../shared/experiments';
import { type Paper } from './paper';
import { type Reading, variantsOf } from './variants';

/** What an experiment wants to know of a member before there is a run. */
export interface PlannedMember {
  readonly dataset: string;
  readonly reading: Reading | null;
  readonly settings: RoarSettings;
}

/**
 * The runs of an experiment in order: of a reproduction one on each dataset; of a sensitivity
 * analysis the base run, then one for each other reading of the paper that a setting holds.
 *
 * @param datasets as they are here: a cut may hold less than a preset asks for.
 */
export function planMembers(
  experiment: {
    readonly kind: ExperimentKind;
    readonly preset: RoarPreset['id'];
    readonly seed: number;
  },
  datasets: readonly RunSettingsOf[],
  paper: Pick<Paper, 'choices'>,
): PlannedMember[] {
  const { kind, preset, seed } = experiment;
  return datasets.flatMap((known): PlannedMember[] => {
    const { id: dataset } = known.dataset;
    const settings = baseSettings(preset, known, seed);
    const base = { dataset, reading: null, settings };
    if (kind === 'reproduction') return [base];
    const { variants } = variantsOf(settings, paper.choices);
    return [
      base,
      ...variants.map(({ settings: changed, ...reading }) => ({
        dataset,
        reading,
        settings: changed,
      })),
    ];
  });
}

function baseSettings(preset: RoarPreset['id'], known: RunSettingsOf, seed: number): RoarSettings {
  const settings = presetSettings(preset, known);
  return { ...settings, seed, recipe: { ...settings.recipe, seed } };
}
