import { builtInBuilders } from './models/networks';
import { Networks } from './models/networks/networks';

/** The algorithms behind the descriptors of `shared/catalogue`: what an engine process is started with. */
export interface EngineCatalogues {
  readonly networks: Networks;
}

/** What Saliency Studio comes with. */
export const builtInAlgorithms: EngineCatalogues = {
  networks: new Networks(builtInBuilders),
};
