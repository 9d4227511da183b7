import { defineStore } from 'pinia';
import { computed, ref, shallowRef, triggerRef } from 'vue';
import { fromWire, type NdArray } from '../../shared/arrays';
import { type Split } from '../../shared/catalogue/datasets';
import { builtInMethods } from '../../shared/catalogue/methods';
import {
  defaultMapParameters,
  type MapParameters,
  type Reduction,
} from '../../shared/catalogue/parameters';
import { type ErrorData, toErrorData } from '../../shared/errors';
import { type ExploredImage } from '../../shared/records';
import { useClient } from '../api/client';

/** One map as it came back, ready to draw. */
export interface DrawnMap {
  readonly map: NdArray;
  readonly milliseconds: number;
  readonly reused: boolean;
  /** The number of the request that made it: an older one is shown dimmed until its successor. */
  readonly generation: number;
}

export type DisplayMode = 'grayscale' | 'diverging' | 'overlay';

const keyOf = (image: number, method: string) => `${image}/${method}`;

/** What the Maps view looks at: model, images, methods, parameters, and the maps themselves. */
export const useMaps = defineStore('maps', () => {
  const client = useClient();
  const model = ref<string | null>(null);
  const split = ref<Split>('validation');
  const images = ref<number[]>([]);
  const methods = ref<string[]>(builtInMethods.map(({ id }) => id));
  const parameters = ref<MapParameters>({ ...defaultMapParameters });
  const seed = ref(0);
  const mode = ref<DisplayMode>('grayscale');
  const reduction = ref<Reduction>('absolute');
  const zoom = ref(4);

  const explored = shallowRef<ExploredImage[]>([]);
  const maps = shallowRef(new Map<string, DrawnMap>());
  const shares = ref<Record<string, number>>({});
  const busy = ref(false);
  const error = ref<ErrorData | null>(null);
  const generation = ref(0);
  const self = crypto.randomUUID();
  let request: string | null = null;

  function finish(failure: ErrorData | null): void {
    busy.value = false;
    shares.value = {};
    if (failure && failure.code !== 'cancelled') error.value = failure;
  }

  client.on('maps.ready', (event) => {
    if (event.request !== request) return;
    maps.value.set(keyOf(event.image, event.method), {
      map: fromWire(event.map),
      milliseconds: event.milliseconds,
      reused: event.reused,
      generation: generation.value,
    });
    triggerRef(maps);
  });
  client.on('maps.progress', (event) => {
    if (event.request === request) shares.value[event.method] = event.share;
  });
  client.on('maps.finished', (event) => {
    if (event.request === request) finish(event.error);
  });

  /** Make the maps anew with what is set now; an earlier request is given up. */
  async function explore(): Promise<void> {
    if (model.value === null || images.value.length === 0 || methods.value.length === 0) return;
    generation.value += 1;
    const own = generation.value;
    request = `${self}.${own}`;
    busy.value = true;
    error.value = null;
    shares.value = {};
    try {
      const answer = await client.call('maps.explore', {
        request,
        model: model.value,
        split: split.value,
        images: [...images.value],
        methods: [...methods.value],
        parameters: { ...parameters.value },
        seed: seed.value,
      });
      if (own !== generation.value) return;
      explored.value = answer.images;
    } catch (failure) {
      if (own === generation.value) finish(toErrorData(failure));
    }
  }

  async function cancel(): Promise<void> {
    if (request !== null) await client.call('maps.cancel', { request });
    busy.value = false;
  }

  client.onReconnect(() => {
    if (busy.value) void explore();
  });

  return {
    model,
    split,
    images,
    methods,
    parameters,
    seed,
    mode,
    reduction,
    zoom,
    explored,
    shares,
    busy,
    error,
    generation,
    explore,
    cancel,
    mapOf: (image: number, method: string): DrawnMap | null =>
      maps.value.get(keyOf(image, method)) ?? null,
    exploredOf: (image: number): ExploredImage | null =>
      explored.value.find((candidate) => candidate.image === image) ?? null,
    /** Another model or split: maps of the old one must not be taken for the new one's. */
    clear: () => {
      maps.value = new Map();
      explored.value = [];
    },
    hasMaps: computed(() => maps.value.size > 0),
  };
});
