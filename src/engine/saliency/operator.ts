import { type DescribedOperator, type OperatorDescriptor } from '../../shared/catalogue/operator';
import {
  type Parameters,
  type ParameterValues,
  type ValuesOf,
} from '../../shared/catalogue/parameter';
import { type MapParameters } from '../../shared/catalogue/parameters';
import { type EngineProgress } from '../../shared/engine';
import { type Runtime } from '../runtime/load';
import { type DifferentiableModel, type Gate, type ImageShape } from './model';
import { type NoiseParameters } from './noise';

/**
 * A point of the input space as an affine combination of an image's basis: the image x, its
 * baseline x' and its noise tensors ε_1 .. ε_n. One coefficient for each, in this order.
 */
export type Coefficients = Float64Array;

export const imageRow = 0;
export const baselineRow = 1;
/** The row of noise tensor `sample` (from 0). */
export const noiseRow = (sample: number) => 2 + sample;

/** How the attributions of a wrapper's points become one. */
export type Aggregate =
  /** Σ w_k a_k, or Σ w_k a_k² where `square`. */
  | { readonly kind: 'sum'; readonly weights: Float64Array; readonly square: boolean }
  /** Population variance: mean of (a_k - mean)². */
  | { readonly kind: 'variance' };

/** A wrapper with its parameters bound: A(z) = factor(z) ⊙ aggregate over k of inner(point(z, k)). */
export interface BoundWrapper {
  /** How many points it evaluates its inner attribution at. */
  readonly count: number;
  point(input: Coefficients, index: number): Coefficients;
  readonly aggregate: Aggregate;
  /** What the aggregate is multiplied by, element by element; null for nothing. */
  readonly factor: ((input: Coefficients) => Coefficients) | null;
  /** The baseline that its points are made of; left out: none. */
  readonly baseline?: MapParameters['baseline'];
  /** The noise that its points are made of; left out: none. */
  readonly noise?: NoiseParameters;
}

/** A base with its parameters bound: the gradient of one class's score by the input. */
export interface BoundBase {
  readonly gate: Gate;
  readonly score: MapParameters['score'];
  readonly target: MapParameters['target'];
}

export interface ControlContext {
  readonly runtime: Runtime;
  readonly shape: ImageShape;
  readonly seed: number;
  /** Pixels in [0, 1] of image `position`, [H, W, C]. */
  pixels(position: number): Float32Array;
  /** Index of each image in its split. */
  readonly indices: ArrayLike<number>;
}

/** A control with its parameters bound: the map [H, W] of image `position`. */
export type BoundControl = (context: ControlContext, position: number) => Float32Array;

/** What a direct operator is given; it awaits `breathe(signal)` between batches. */
export interface DirectContext extends ControlContext {
  readonly model: DifferentiableModel;
  /** Image `position` as the model sees it, float32 [H, W, C]. */
  input(position: number): Float32Array;
  /** The class explained, per image. */
  readonly targets: Int32Array;
  /** Physical batch sizes of backward and forward passes. */
  readonly batch: number;
  readonly forwardBatch: number;
  readonly signal: AbortSignal | undefined;
  readonly report: ((progress: EngineProgress) => void) | undefined;
}

/** A direct operator with its parameters bound. */
export interface BoundDirect {
  readonly target: MapParameters['target'];
  /** Raw attributions of all images: float32 [N, H, W, C], or [N, H, W] for one value a pixel. */
  attribute(context: DirectContext): Promise<Float32Array>;
}

/** An operator's algorithm: `bind` reads the parameters, and no other than its descriptor declares. */
interface Algorithm<Family extends string, Bound> {
  readonly family: Family;
  readonly descriptor: OperatorDescriptor;
  /** @throws RangeError where it reads a parameter, or takes noise, that its descriptor lacks */
  readonly bind: (values: ParameterValues) => Bound;
}
export type BaseOperator = Algorithm<'base', BoundBase>;
export type WrapperOperator = Algorithm<'wrapper', BoundWrapper>;
export type ControlOperator = Algorithm<'control', BoundControl>;
export type DirectOperator = Algorithm<'direct', BoundDirect>;
export type Operator = BaseOperator | WrapperOperator | ControlOperator | DirectOperator;

function algorithm<Family extends string, Bound>(family: Family) {
  return <P extends Parameters>(
    descriptor: DescribedOperator<P>,
    bind: (values: ValuesOf<P>) => Bound,
  ): Algorithm<Family, Bound> => ({
    family,
    descriptor,
    bind: (values) => bind(declared(descriptor, values) as ValuesOf<P>),
  });
}

/** One backward pass. */
export const baseOperator = algorithm<'base', BoundBase>('base');
/** An attribution made of another one at several points. */
export const wrapperOperator = <P extends Parameters>(
  descriptor: DescribedOperator<P>,
  bind: (values: ValuesOf<P>) => BoundWrapper,
): WrapperOperator =>
  algorithm<'wrapper', BoundWrapper>('wrapper')(descriptor, (values: ValuesOf<P>) => {
    const bound = bind(values);
    if (bound.noise && !descriptor.drawn) {
      throw new RangeError(`the operator ${descriptor.id} takes noise and is not drawn`);
    }
    return bound;
  });
/** A map that owes nothing to gradients. */
export const controlOperator = algorithm<'control', BoundControl>('control');
/** An attribution with an algorithm of its own. */
export const directOperator = algorithm<'direct', BoundDirect>('direct');

/** Keys hold what is declared: a value that was read beside that would serve stale maps. */
function declared(
  { id, parameters }: OperatorDescriptor,
  values: ParameterValues,
): ParameterValues {
  return new Proxy(values, {
    get(all, name) {
      if (typeof name === 'symbol') return undefined;
      const value = all[name];
      if (name in parameters && value !== undefined) return value;
      throw new RangeError(`the operator ${id} reads ${name}, which its descriptor lacks`);
    },
  });
}

/** What a map depends on by its descriptor alone, and the word of the descriptor that says so. */
const declaredBy: Readonly<Record<string, 'drawn' | 'usesModel'>> = {
  seed: 'drawn',
  model: 'usesModel',
  targets: 'usesModel',
  input: 'usesModel',
};

/**
 * What a control or a direct operator is given, as far as its descriptor says that it depends on it.
 * Reading the seed without `drawn`, and the model, the targets or the model's input without
 * `usesModel`, throws a RangeError.
 */
export function declaredContext<Context extends ControlContext>(
  descriptor: OperatorDescriptor,
  context: Context,
): Context {
  return new Proxy(context, {
    get(all, name) {
      const word = typeof name === 'string' ? declaredBy[name] : undefined;
      if (word === undefined || descriptor[word]) return Reflect.get(all, name) as unknown;
      throw new RangeError(
        `the operator ${descriptor.id} reads ${String(name)}, and its descriptor’s ${word} is false`,
      );
    },
  });
}
