import { defineStore } from 'pinia';
import { computed } from 'vue';
import { builtInCatalogues, type Catalogues } from '../../shared/catalogue/catalogues';
import { type NetworkDescription } from '../../shared/catalogue/network';
import { OperatorCatalogue } from '../../shared/catalogue/operator-catalogue';
import { useClient } from '../api/client';
import { resource } from './resource';

/** As far as a page knows them. */
type PageCatalogues = Pick<Catalogues, 'operators'> & {
  readonly networks: readonly NetworkDescription[];
};

const builtIn: PageCatalogues = {
  operators: builtInCatalogues.operators,
  networks: builtInCatalogues.networks.list,
};

/** What there is to choose from: until core has answered, what Saliency Studio comes with. */
export const useCatalogues = defineStore('catalogues', () => {
  const client = useClient();
  const catalogues = resource<PageCatalogues>(builtIn, async () => {
    const { operators, networks } = await client.call('app.catalogues', {});
    return { operators: new OperatorCatalogue(operators), networks };
  });
  client.onReconnect(() => void catalogues.load());
  return { catalogues: catalogues.value, load: catalogues.load };
});

/** The operators that methods are composed of. */
export function useOperators() {
  const store = useCatalogues();
  return computed(() => store.catalogues.operators);
}
