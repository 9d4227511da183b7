import { type DatasetId } from '../../../shared/catalogue/datasets';
import { type RoarSettings, roarSettingsSchema } from '../../../shared/catalogue/roar';
import {
  type ImageCounts,
  presetSettings,
  type RoarPreset,
} from '../../../shared/catalogue/roar-presets';
import { type ExperimentKind } from '../../../shared/experiments';
import { type Paper } from './paper';
import { type Reading, variantsOf } from './variants';

/** What an experiment wants to know of a member before there is a run. */
export interface PlannedMember {
  readonly dataset: DatasetId;
  readonly reading: Reading | null;
  readonly settings: RoarSettings;
}

/**
 * The runs of an experiment in order: of a reproduction one on each dataset; of a sensitivity
 * analysis the base run, then one for each other reading of the paper that a setting holds.
 *
 * @param counts of each dataset that is installed: a cut may hold less than a preset asks for.
 */
export function planMembers(
  experiment: {
    readonly kind: ExperimentKind;
    readonly preset: RoarPreset['id'];
    readonly datasets: readonly DatasetId[];
    readonly seed: number;
  },
  counts: ReadonlyMap<DatasetId, ImageCounts>,
  paper: Pick<Paper, 'choices'>,
): PlannedMember[] {
  const { kind, preset, datasets, seed } = experiment;
  return datasets.flatMap((dataset): PlannedMember[] => {
    const settings = baseSettings(preset, dataset, seed, counts.get(dataset));
    const base = { dataset, reading: null, settings };
    if (kind === 'reproduction') return [base];
    const { variants } = variantsOf(settings, paper.choices);
    return [
      base,
      ...variants.map(({ settings: changed, ...reading }) => ({
        ...{ dataset, reading, settings: changed },
      })),
    ];
  });
}

function baseSettings(
  preset: RoarPreset['id'],
  dataset: DatasetId,
  seed: number,
  counts?: ImageCounts,
): RoarSettings {
  const settings = presetSettings(preset, dataset, 'paper', counts);
  const recipe = { ...settings.recipe, seed };
  return roarSettingsSchema.parse({ ...settings, seed, recipe });
}
