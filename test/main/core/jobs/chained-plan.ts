import fc from 'fast-check';
import { artifactKey } from '../../../../src/main/core/artifacts/artifacts';
import {
  type ItemSpec,
  type Plan,
  type Step,
  stored,
  workOrder,
} from '../../../../src/main/core/jobs/item-spec';

/** A chain of items, each from the one before, the first from the last of each that it needs. */
export interface Chain {
  readonly items: number;
  readonly needs: readonly number[];
}

/** Of the map that an item comes to. */
export const keyOf = (item: string): string => artifactKey('map', { item });

/** Names of an item's chain and of its place in it. */
const itemsOf = (chains: readonly Chain[], index: number): string[] =>
  Array.from({ length: chains[index]?.items ?? 0 }, (_, i) => `${index}-${i}`);

export const itemsOfAll = (chains: readonly Chain[]): string[] =>
  chains.flatMap((_, index) => itemsOf(chains, index));

/** A spec a chain, an order an item: a map of the item's name after reading those before it. */
export function chainedPlan(chains: readonly Chain[]): Plan {
  const specs = chains.map(({ needs }, index): ItemSpec => ({
    id: String(index),
    stage: 'work',
    title: `chain ${index}`,
    passing: 0,
    needs: needs.map(String),
    items: itemsOf(chains, index).map((item) => ({ id: item, title: item, cost: 1, bytes: 0 })),
  }));
  return {
    stages: [{ id: 'work', title: 'Work' }],
    measured: false,
    specs,
    complete: ({ id: name }) => {
      const { needs = [] } = chains[Number(name)] ?? {};
      const items = itemsOf(chains, Number(name));
      return items.map((item, i): Step => {
        const before = items[i - 1];
        const reads =
          before === undefined
            ? needs.flatMap((need) => itemsOf(chains, need).slice(-1))
            : [before];
        const order = workOrder(
          'maps',
          { dataset: 'any', files: [] },
          {
            indices: [0, 1],
            composition: item,
            maps: reads.map((read) => stored(keyOf(read))),
          } as never,
          [{ file: 'map.npy', kind: 'map', key: keyOf(item) }],
        );
        return {
          item,
          orders: [order],
          finish: ({ reused }) => ({ artifacts: [keyOf(item)], reused }),
        };
      });
    },
  };
}

/** Up to so many chains, of which each may need those before it. */
export const anyChains = (most: number): fc.Arbitrary<Chain[]> =>
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(20), { maxLength: 3 })), {
      minLength: 1,
      maxLength: most,
    })
    .map((rows) =>
      rows.map(([items, needs], index): Chain => ({
        items,
        needs: index === 0 ? [] : [...new Set(needs.map((need) => need % index))],
      })),
    );
