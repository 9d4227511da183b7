import { builtInOperators, type Operators } from './saliency/operators';

/** The algorithms behind the descriptors of `shared/catalogue`: what an engine process is started with. */
export interface EngineCatalogues {
  readonly operators: Operators;
}

/** What Saliency Studio comes with. */
export const builtInAlgorithms: EngineCatalogues = { operators: builtInOperators };
