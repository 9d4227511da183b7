import { type Importer } from './datasets/importer';
import { builtInImporters } from './datasets/importers';
import { builtInOperators, type Operators } from './saliency/operators';

/** The algorithms behind the descriptors of `shared/catalogue`: what an engine process is started with. */
export interface EngineCatalogues {
  readonly operators: Operators;
  readonly importers: readonly Importer[];
}

/** What Saliency Studio comes with. */
export const builtInAlgorithms: EngineCatalogues = {
  operators: builtInOperators,
  importers: builtInImporters,
};
