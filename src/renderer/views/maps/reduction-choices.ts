import { type Reduction } from '../../../shared/catalogue/parameters';

interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly help?: string;
}

const choices = <T extends string>(...list: Choice<T>[]): readonly Choice<T>[] => list;

/** How a map's channels become one value. */
export const reductionChoices = choices<Reduction>(
  { value: 'absolute', label: 'Absolute sum', help: 'Σ |a| over channels' },
  { value: 'signed', label: 'Signed sum', help: 'Σ a over channels' },
  { value: 'positive', label: 'Positive part', help: 'Σ max(a, 0) over channels' },
  { value: 'max-absolute', label: 'Largest channel', help: 'max |a| over channels' },
);
