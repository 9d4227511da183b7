import { type Protocol, type RoarSettings, retrains } from '../../../shared/catalogue/roar';
import { formatCount } from '../../format';

interface ProtocolWords {
  readonly id: Protocol;
  readonly name: string;
  /** What it does. */
  readonly does: string;
  /** What it costs. */
  readonly costs: string;
}

/** The protocols in words, the default first. */
export const protocolWords: readonly ProtocolWords[] = [
  {
    id: 'paper',
    name: 'Paper',
    does: 'One model a level, trained without random pixels, scores images without their top pixels.',
    costs: 'One training a level.',
  },
  {
    id: 'retrain',
    name: 'Retrain',
    does: 'Hooker et al.: models trained and tested without the top pixels of each method’s own maps. A good method makes accuracy fall early.',
    costs: 'A training for each method, level and repetition, and maps of every image.',
  },
  {
    id: 'keep-and-retrain',
    name: 'Keep and retrain',
    does: 'Its reverse: the least important pixels are removed, the top ones kept. A good method keeps accuracy up.',
    costs: 'As much as retrain; both use the same maps.',
  },
];

export function protocolName(protocol: Protocol): string {
  return protocolWords.find(({ id }) => id === protocol)?.name ?? protocol;
}

/** 'MNIST, paper': what a run is of, in a few words. */
export function runSubject(
  { dataset, protocol }: RoarSettings,
  nameOf: (dataset: string) => string,
): string {
  return `${nameOf(dataset)}, ${protocolName(protocol).toLowerCase()}`;
}

/** Models that a run trains; level 0 of a retraining protocol is shared by its methods. */
export function modelsOf(settings: RoarSettings): number {
  const { levels, methods, repetitions, protocol } = settings;
  if (!retrains(protocol)) return levels.length;
  return repetitions * (1 + methods.length * (levels.length - 1));
}

/** What trains in a run: '10 models, one a level'. */
export function modelsInWords(settings: RoarSettings): string {
  const count = formatCount(modelsOf(settings));
  return retrains(settings.protocol)
    ? `${count} models, ${formatCount(settings.repetitions)} for each method and level`
    : `${count} models, one a level`;
}
