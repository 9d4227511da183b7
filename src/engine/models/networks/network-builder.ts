import type { NetworkDescriptor, NetworkForm } from '../../../shared/catalogue/network';
import type { Kernels } from '../../runtime/kernels';
import type { Layer } from '../layers/layer';
import type { Rewrite } from '../rewrites/rewrite';

/** Shapes of a file's tensors by their plain names. */
export type FileShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** A network as the engine knows it: what is known of it as data, and how it is built. */
export interface NetworkBuilder {
  readonly descriptor: NetworkDescriptor;
  /**
   * Its layers from the input [B, H, W, C] to the logits [B, K], on TensorFlow's kernels, with
   * PyTorch's names. The form has all options.
   */
  layers(kernels: Kernels, form: NetworkForm): Layer[];
  /** What puts layers of our own kernels in their place; default: nothing does. */
  readonly rewrites?: readonly Rewrite[];
  /**
   * What a file's weights say of their network. What they leave open, or where they are another
   * network's, is as most such files have it: `loadState` refuses what does not fit.
   *
   * @param size height and width of the images; null: not known, of weights that tell it
   */
  formOf(shapes: FileShapes, size: readonly [number, number] | null): NetworkForm;
  /**
   * Raised where it comes out in other last digits on purpose, by our own kernels on a processor; 1
   * is not written. What was made with an earlier number is then not mixed with what is made now.
   */
  readonly arithmetic?: {
    /** Of scores and gradients. */
    readonly scores?: number;
    /** Of the weights that training leaves. */
    readonly training?: number;
  };
}
