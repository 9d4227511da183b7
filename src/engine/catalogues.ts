import { type Importer } from './datasets/importer';
import { builtInImporters } from './datasets/importers';
import { builtInMeasures, type Measures } from './metrics/measures';
import { builtInBuilders } from './models/networks';
import { Networks } from './models/networks/networks';
import { builtInOperators, type Operators } from './saliency/operators';

/** The algorithms behind the descriptors of `shared/catalogue`: what an engine process is started with. */
export interface EngineCatalogues {
  readonly operators: Operators;
  readonly importers: readonly Importer[];
  readonly measures: Measures;
  readonly networks: Networks;
}

/** What Saliency Studio comes with. */
export const builtInAlgorithms: EngineCatalogues = {
  operators: builtInOperators,
  importers: builtInImporters,
  measures: builtInMeasures,
  networks: new Networks(builtInBuilders),
};
