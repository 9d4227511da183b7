import { batchesFor } from '../../../shared/catalogue/batch-sizes';
import {
  type BatchPlan,
  batchPurposes,
  inputWords,
  type NetworkForm,
  statesSize,
  takes,
  withDefaultOptions,
} from '../../../shared/catalogue/network';
import { trainingOf } from '../../../shared/engine';
import { refuse } from '../../../shared/errors';
import { parsePlan, planVariable } from '../../runtime/batch-plan';
import type { Kernels } from '../../runtime/kernels';
import type { InputNormalisation, Model } from '../model';
import type { OutputClasses } from '../output-classes';
import { Network } from '../network';
import { rewritten } from '../rewrites/rewrite';
import type { NetworkBuilder } from './network-builder';

/** The networks that an engine can build. */
export class Networks {
  private readonly builders: ReadonlyMap<string, NetworkBuilder>;
  private readonly standard: ReadonlyMap<string, BatchPlan>;
  private parsed: { text: string; plan: ReadonlyMap<string, BatchPlan> } | null = null;

  constructor(builders: readonly NetworkBuilder[]) {
    this.builders = new Map(builders.map((builder) => [builder.descriptor.id, builder]));
    this.standard = new Map(builders.map(({ descriptor }) => [descriptor.id, descriptor.batches]));
  }

  get ids(): string[] {
    return [...this.builders.keys()];
  }

  has(id: string): boolean {
    return this.builders.has(id);
  }

  /** Throws `invalid-input` for one that is not here. */
  get(id: string): NetworkBuilder {
    const found = this.builders.get(id);
    if (!found) throw refuse('architecture', id, this.ids.join(', '));
    return found;
  }

  /**
   * A model with all parameters 0: initialise it or load its weights next. The caller disposes it.
   *
   * @param input normalisation of the pixels; default none
   * @param outputs what its outputs stand for; default its dataset's classes, in order
   * @throws StudioError `invalid-input` for a network that is not here, or a form that it does not take
   */
  create(
    kernels: Kernels,
    id: string,
    form: NetworkForm,
    input?: InputNormalisation,
    outputs: OutputClasses | null = null,
  ): Model {
    const { descriptor, layers, rewrites = [] } = this.get(id);
    if (!takes(descriptor, form)) throw refuse('form', form, inputWords(descriptor));
    const { inputShape, classes } = form;
    const options = withDefaultOptions(descriptor, form.options);
    const plain = layers(kernels, { inputShape, classes, options });
    return new Network(
      kernels,
      {
        architecture: id,
        inputShape,
        classes,
        layers: plain,
        fast: rewritten(kernels, plain, rewrites),
        batches: batchesFor(this.batches(id), descriptor, { inputShape, options }),
        statesSize: statesSize(descriptor, inputShape),
        featureLayers: descriptor.layers.map(({ name }) => name),
        outputs,
      },
      input ?? identityInput(inputShape[2]),
    );
  }

  /**
   * The physical batch sizes of a network, for images of at most 64 x 64 (`batchesFor`). They are never chosen from the machine at run time, and
   * the last batch is padded, so that the same inputs give the same bytes: a convolution's sums may
   * be ordered by the size of its batch. Sizes that were measured best on a machine stand in its
   * environment.
   *
   * @throws StudioError `invalid-input` where the environment's sizes cannot be read
   */
  batches(id: string): BatchPlan {
    const found = this.plan().get(id);
    if (!found) throw refuse('architecture', id, this.ids.join(', '));
    return found;
  }

  /** All of them as `network/purpose` entries: what of them matters is part of an artifact's key. */
  wholePlan(): Record<string, number> {
    return Object.fromEntries(
      [...this.plan()].flatMap(([id, batches]) =>
        batchPurposes.map((purpose) => [`${id}/${purpose}`, batches[purpose]]),
      ),
    );
  }

  /** The networks' own arithmetic where it is not the first; see `EngineDescription.arithmetic`. */
  arithmetic(): Record<string, number> {
    const numbers = [...this.builders].map(([id, { arithmetic = {} }]) => ({ id, ...arithmetic }));
    const entries: [string, number | undefined][] = [
      ...numbers.map(({ id, scores }): [string, number | undefined] => [id, scores]),
      ...numbers.map(({ id, training }): [string, number | undefined] => [
        trainingOf(id),
        training,
      ]),
    ];
    return Object.fromEntries(
      entries.flatMap(([name, number]) => (number === undefined ? [] : [[name, number]])),
    );
  }

  /** Constant in a process, whose environment does not change. */
  private plan(): ReadonlyMap<string, BatchPlan> {
    const text = process.env[planVariable]?.trim() ?? '';
    if (text === '') return this.standard;
    if (this.parsed?.text !== text) this.parsed = { text, plan: parsePlan(text, this.standard) };
    return this.parsed.plan;
  }
}

/** Pixel values in [0, 1] as they are. */
export function identityInput(channels: number): InputNormalisation {
  return { mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) };
}
