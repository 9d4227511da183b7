import { packInput, unpackInput } from '../analysis/packed-ratings';
import { type ComputationKind, type Computations } from './computations';

/** How the input of a computation goes to the thread. */
interface Passage<Input> {
  readonly pack: (input: Input) => unknown;
  readonly unpack: (sent: unknown) => Input;
}

function passage<Input, Sent>(
  pack: (input: Input) => Sent,
  unpack: (sent: Sent) => Input,
): Passage<Input> {
  return { pack, unpack: (sent) => unpack(sent as Sent) };
}

const asItIs = <Input>() =>
  passage(
    (input: Input) => input,
    (input: Input) => input,
  );

/** Very many ratings go in columns; everything else as it is. */
const passages: { readonly [K in ComputationKind]: Passage<Computations[K]['input']> } = {
  run: asItIs(),
  claims: asItIs(),
  results: passage(packInput, unpackInput),
  kappas: passage(
    ({ results, of }: Computations['kappas']['input']) => ({ results: packInput(results), of }),
    ({ results, of }) => ({ results: unpackInput(results), of }),
  ),
};

export const packed = <K extends ComputationKind>(kind: K, input: Computations[K]['input']) =>
  passages[kind].pack(input);

export const unpacked = <K extends ComputationKind>(kind: K, sent: unknown) =>
  passages[kind].unpack(sent);
