/** Something that a worker thread can compute: plain data in, plain data out. */
export interface Computation<Input, Output> {
  /** Names it on the way to the thread. */
  readonly id: string;
  readonly compute: (input: Input) => Output;
  /** The input as it goes to the thread. */
  readonly pack: (input: Input) => unknown;
  /** There, of what `pack` made. */
  readonly answer: (sent: unknown) => Output;
}

/** A computation whose input goes to the thread as it is. */
export function computation<Input, Output>(
  id: string,
  compute: (input: Input) => Output,
): Computation<Input, Output> {
  return { id, compute, pack: (input) => input, answer: (sent) => compute(sent as Input) };
}

/** The same, where structured cloning would make the input large on the far side. */
export function packedComputation<Input, Output, Sent>(
  id: string,
  compute: (input: Input) => Output,
  { pack, unpack }: { pack: (input: Input) => Sent; unpack: (sent: Sent) => Input },
): Computation<Input, Output> {
  return { id, compute, pack, answer: (sent) => compute(unpack(sent as Sent)) };
}
