import { type Composition, type Wrapper } from '../../shared/catalogue/compositions';
import { type MapParameters } from '../../shared/catalogue/parameters';
import { type Runtime } from '../runtime/load';
import { type Gate, type ImageShape } from './model';

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
}

/** A base attribution: one backward pass. */
export interface BaseOperator {
  gate(parameters: MapParameters): Gate;
}

/** An attribution made of another one at several points. */
export interface WrapperOperator {
  readonly needs: 'baseline' | 'noise' | null;
  bind(parameters: MapParameters): BoundWrapper;
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

/** A map that knows nothing of the model. */
export interface ControlOperator {
  /** The map [H, W] of image `position`. */
  draw(context: ControlContext, position: number): Float32Array;
}

export type BaseName = 'gradient' | 'guided';
export type ControlName = Exclude<Composition['op'], BaseName | Wrapper>;
