import { canonicalJson } from '../../shared/canonical';
import { type MetricDescriptor } from '../../shared/catalogue/metric';
import { otherBuild } from '../../shared/errors';
import { type Measure } from './measure';

/** Measures by their metrics' ids. */
export class Measures {
  readonly all: readonly Measure[];
  readonly #byId: ReadonlyMap<string, Measure>;

  /** @throws RangeError for an id twice */
  constructor(all: readonly Measure[]) {
    this.all = all;
    this.#byId = new Map(all.map((measure) => [measure.descriptor.id, measure]));
    if (this.#byId.size < all.length) throw new RangeError('two measures have one id');
  }

  /**
   * Keys are made of descriptors: whoever asks must have the same.
   *
   * @throws StudioError `engine-unavailable` naming the first metric that differs or is missing
   */
  requireSame(descriptors: readonly MetricDescriptor[]): void {
    for (const descriptor of descriptors) {
      const own = this.#byId.get(descriptor.id)?.descriptor;
      if (own && canonicalJson(own) === canonicalJson(descriptor)) continue;
      throw otherBuild(
        own
          ? `its metric ${descriptor.id} is another than the application’s`
          : `it has no metric ${descriptor.id}`,
      );
    }
  }

  /** @throws RangeError for a metric that is not measured here */
  get(id: string): Measure {
    const measure = this.#byId.get(id);
    if (!measure) throw new RangeError(`${id} is no metric that the engine measures`);
    return measure;
  }
}

/** Those that Saliency Studio comes with: one file and one line each. */
export const builtInMeasures = new Measures([]);
