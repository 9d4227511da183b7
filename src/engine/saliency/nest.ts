import { type Composition } from '../../shared/catalogue/compositions';
import { type MapParameters } from '../../shared/catalogue/parameters';
import { refuse } from '../../shared/errors';
import { baseOperators, wrapperOperators } from './catalogue';
import { type Gate } from './model';
import {
  type Aggregate,
  type BoundWrapper,
  type Coefficients,
  imageRow,
  type WrapperOperator,
} from './operator';

/** One wrapper of a nest, as the evaluator runs it. */
export interface Level {
  readonly count: number;
  readonly aggregate: Aggregate;
  /**
   * Write the coefficients of the factor that belongs to this level's result number `outer` (over
   * all outer loops, in order); null where nothing is multiplied.
   */
  readonly factor: ((outer: number, into: Float32Array, offset: number) => void) | null;
}

/** A composition with its parameters bound: loops from the outermost inwards over one backward pass. */
export interface Nest {
  readonly gate: Gate;
  /** Rows of an image's basis: x; with integrate x'; with smooth x' and the noise. */
  readonly rows: number;
  readonly needsBaseline: boolean;
  readonly needsNoise: boolean;
  /** Outermost first. */
  readonly levels: readonly Level[];
  /** Backward passes per image. */
  readonly leaves: number;
  /** Write the coefficients of backward pass `leaf`. Leaves run through the innermost loop fastest. */
  leaf(leaf: number, into: Float32Array, offset: number): void;
}

/** Bind a composition of wrappers over a base. Each wrapper may occur once. */
export function bindNest(composition: Composition, parameters: MapParameters): Nest {
  const operators: WrapperOperator[] = [];
  const wrappers: BoundWrapper[] = [];
  let part = composition;
  while ('of' in part) {
    const operator = wrapperOperators[part.op];
    if (operators.includes(operator)) {
      throw refuse('composition', part.op, 'each wrapper at most once');
    }
    operators.push(operator);
    wrappers.push(operator.bind(parameters));
    part = part.of;
  }
  if (part.op === 'random' || part.op === 'sobel') {
    throw refuse('composition', part.op, 'gradient or guided inside the wrappers');
  }
  const needsNoise = operators.some(({ needs }) => needs === 'noise');
  const needsBaseline = operators.some(({ needs }) => needs === 'baseline');
  const rows = needsNoise ? 2 + parameters.n : needsBaseline ? 2 : 1;

  /** The input of the wrapper at `depth` for its number `index` over all outer loops. */
  const inputAt = (depth: number, index: number): Coefficients => {
    const wrapper = wrappers[depth - 1];
    if (!wrapper) {
      const image = new Float64Array(rows);
      image[imageRow] = 1;
      return image;
    }
    const { count } = wrapper;
    return wrapper.point(inputAt(depth - 1, Math.floor(index / count)), index % count);
  };
  return {
    gate: baseOperators[part.op].gate(parameters),
    rows,
    needsBaseline,
    needsNoise,
    leaves: wrappers.reduce((product, { count }) => product * count, 1),
    leaf: (leaf, into, offset) => into.set(inputAt(wrappers.length, leaf), offset),
    levels: wrappers.map(({ count, aggregate, factor }, depth) => ({
      count,
      aggregate,
      factor: factor && ((outer, into, offset) => into.set(factor(inputAt(depth, outer)), offset)),
    })),
  };
}
