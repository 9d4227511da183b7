import { reduction } from '../../../shared/catalogue/parameters';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import {
  designSettings,
  display,
  type StudyConfig,
  type StudyDataset,
} from '../../../shared/ratings/study';
import { formatCount } from '../../format';
import { parameterFacts } from '../maps/parameter-facts';

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

const labelOf = <T>(choices: readonly { value: T; label: string }[], value: T): string =>
  choices.find((choice) => choice.value === value)?.label ?? String(value);

function imagesInWords({ images }: StudyDataset): string {
  return images.kind === 'sampled'
    ? `${formatCount(images.count)}, sampled with seed ${images.seed}`
    : `${formatCount(images.indices.length)}, picked by hand`;
}

/** Data, parameters and design of a configuration, in words. */
export function studyFacts(
  operators: OperatorCatalogue,
  config: StudyConfig,
  look: {
    dataset: (id: string) => string;
    model: (id: string) => string | null;
    run: (id: string) => string | null;
  },
): FactGroup[] {
  const { parameters, design } = config;
  return [
    ...config.datasets.map((entry) => ({
      title: look.dataset(entry.dataset),
      facts: [
        ['Model', look.model(entry.model) ?? 'not there any more'],
        ['Images', imagesInWords(entry)],
        [
          'ROAR run beside',
          entry.run === null ? 'none' : (look.run(entry.run) ?? 'not there any more'),
        ],
      ] as const,
    })),
    {
      title: 'Maps',
      facts: [
        ['Display', labelOf(display.choices, config.display)],
        [reduction.label, labelOf(reduction.choices, config.reduction)],
        ...parameterFacts(operators, parameters),
        ['Seed of maps', String(config.mapSeed)],
      ],
    },
    {
      title: 'Design',
      facts: [
        [
          designSettings.trials.label,
          design.trials === null ? designSettings.trials.all : formatCount(design.trials),
        ],
        ['Practice', formatCount(design.practice)],
        ['Attention checks', `${design.instructedChecks} instructed, ${design.flatChecks} flat`],
        [
          'Repeats',
          design.repeats === 0
            ? 'none'
            : `${formatCount(design.repeats)}, ${design.repeatGap} trials apart`,
        ],
        ['Breaks', design.breakEvery === 0 ? 'none' : `after every ${design.breakEvery} trials`],
        ['First question', labelOf(designSettings.questionOrder.choices, design.questionOrder)],
        ['Class names', design.showClass ? 'shown' : 'hidden'],
        ['Seed of orders', String(design.seed)],
      ],
    },
  ];
}
