import { type Composition } from '../../shared/catalogue/compositions';
import { type ParameterValues } from '../../shared/catalogue/parameter';
import { type MapParameters } from '../../shared/catalogue/parameters';
import { refuse } from '../../shared/errors';
import { type NoiseParameters } from './noise';
import {
  type Aggregate,
  type BoundBase,
  type BoundWrapper,
  type Coefficients,
  imageRow,
  noiseRow,
} from './operator';
import { type Operators } from './operators';

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
  readonly base: BoundBase;
  /** Rows of an image's basis: x; with a baseline x'; with noise x' and the noise. */
  readonly rows: number;
  readonly baseline: MapParameters['baseline'] | null;
  readonly noise: NoiseParameters | null;
  /** Outermost first. */
  readonly levels: readonly Level[];
  /** Backward passes per image. */
  readonly leaves: number;
  /** Write the coefficients of backward pass `leaf`. Leaves run through the innermost loop fastest. */
  leaf(leaf: number, into: Float32Array, offset: number): void;
}

/** Bind a composition of wrappers over a base. Each wrapper may occur once. */
export function bindNest(
  operators: Operators,
  composition: Composition,
  parameters: ParameterValues,
): Nest {
  const wrappers: BoundWrapper[] = [];
  const found = new Set<string>();
  let part = composition;
  while ('of' in part) {
    const operator = operators.get(part.op);
    if (operator.family !== 'wrapper' || found.has(part.op)) {
      throw refuse('composition', part.op, 'each wrapper at most once');
    }
    found.add(part.op);
    wrappers.push(operator.bind(parameters));
    part = part.of;
  }
  const base = operators.get(part.op);
  if (base.family !== 'base') {
    const bases = operators.catalogue.ofFamily('base').map(({ id }) => id);
    throw refuse('composition', part.op, `${bases.join(' or ')} inside the wrappers`);
  }
  const noise = only(wrappers.flatMap((wrapper) => wrapper.noise ?? []));
  const baseline = only(wrappers.flatMap((wrapper) => wrapper.baseline ?? []));
  const rows = noise ? noiseRow(noise.n) : baseline ? 2 : 1;

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
    base: base.bind(parameters),
    rows,
    baseline,
    noise,
    leaves: wrappers.reduce((product, { count }) => product * count, 1),
    leaf: (leaf, into, offset) => into.set(inputAt(wrappers.length, leaf), offset),
    levels: wrappers.map(({ count, aggregate, factor }, depth) => ({
      count,
      aggregate,
      factor: factor && ((outer, into, offset) => into.set(factor(inputAt(depth, outer)), offset)),
    })),
  };
}

/** The basis of an image has one baseline and one draw of noise. */
function only<T>(of: readonly T[]): T | null {
  if (of.length > 1) {
    throw refuse('composition', of.length, 'one wrapper with a baseline, and one with noise');
  }
  return of[0] ?? null;
}
