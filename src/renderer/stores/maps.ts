import { defineStore } from 'pinia';
import { computed, ref, shallowRef, triggerRef, watch } from 'vue';
import { fromWire, type NdArray } from '../../shared/arrays';
import { type Split } from '../../shared/catalogue/datasets';
import { firstMethods, isFor } from '../../shared/catalogue/methods';
import {
  defaultMapParameters,
  type MapParameters,
  type Reduction,
} from '../../shared/catalogue/parameters';
import { type ErrorData, toErrorData } from '../../shared/errors';
import { type ExploredImage } from '../../shared/records';
import { useClient } from '../api/client';
import { useMethods } from './methods';
import { useModels } from './models';

/** One map as it came back, ready to draw. */
export interface DrawnMap {
  readonly map: NdArray;
  readonly milliseconds: number;
  readonly reused: boolean;
  /** Which state of the inputs made it: an older one is shown dimmed until its successor. */
  readonly generation: number;
}

/** An image that core answered with, ready to draw. */
export interface ShownImage extends Omit<ExploredImage, 'pixels'> {
  /** uint8 [H, W, C]. */
  readonly pixels: NdArray;
}

export type DisplayMode = 'grayscale' | 'diverging' | 'overlay';

/** What a person sees first: some of the first images of the split. */
export const firstImages: readonly number[] = [0, 1, 2, 3];

const keyOf = (image: number, method: string) => `${image}/${method}`;

/** What the Maps view looks at: model, images, methods, parameters, and the maps themselves. */
export const useMaps = defineStore('maps', () => {
  const client = useClient();
  const methodStore = useMethods();
  const modelStore = useModels();
  const model = ref<string | null>(null);
  const split = ref<Split>('validation');
  const images = ref<number[]>([...firstImages]);
  const methods = ref<string[]>(firstMethods.map(({ id }) => id));
  const parameters = ref<MapParameters>({ ...defaultMapParameters });
  const seed = ref(0);
  const mode = ref<DisplayMode>('grayscale');
  const reduction = ref<Reduction>('absolute');
  /** Whether images are shown with their mask of the object. */
  const masked = ref(false);
  /** Screen pixels for each pixel; null: as many as fit. */
  const zoom = ref<number | null>(null);

  const explored = shallowRef<ShownImage[]>([]);
  const maps = shallowRef(new Map<string, DrawnMap>());
  const shares = ref<Record<string, number>>({});
  const busy = ref(false);
  const error = ref<ErrorData | null>(null);
  const self = crypto.randomUUID();
  let request: string | null = null;
  let requests = 0;
  /** Counts the states of the inputs that maps were asked for with. */
  const generation = ref(0);
  /** What the maps of the current generation are made with. */
  const made = ref('');
  /** All that was asked for last. */
  const asked = ref('');

  /** All that determines a map, apart from its image and method. */
  const inputs = computed(() =>
    JSON.stringify([model.value, split.value, parameters.value, seed.value]),
  );
  /** Of the chosen methods those that have maps of what is looked at: some were made elsewhere. */
  const shownMethods = computed(() => {
    const record = model.value === null ? null : modelStore.byId(model.value);
    return methods.value.filter((id) => {
      const method = methodStore.byId(id);
      return !method || !record || isFor(method, record.dataset, record.id);
    });
  });
  const everything = computed(() =>
    JSON.stringify([inputs.value, images.value, shownMethods.value]),
  );
  const wanted = computed(() =>
    images.value.flatMap((image) =>
      shownMethods.value
        .filter((method) => methodStore.covers(method, split.value, image))
        .map((method) => keyOf(image, method)),
    ),
  );
  const current = computed(() =>
    wanted.value.flatMap((key) => {
      const drawn = maps.value.get(key);
      return drawn?.generation === generation.value ? [drawn] : [];
    }),
  );
  const counts = computed(() => ({
    wanted: wanted.value.length,
    ready: current.value.length,
    reused: current.value.filter(({ reused }) => reused).length,
  }));
  /** Every wanted map is on screen, made with what is set now. */
  const complete = computed(
    () => made.value === inputs.value && counts.value.ready === counts.value.wanted,
  );

  /** Something is set that was not asked for: neither made, nor being made, nor stopped. */
  const changed = computed(() => asked.value !== everything.value && !complete.value);

  function finish(failure: ErrorData | null): void {
    busy.value = false;
    shares.value = {};
    if (failure && failure.code !== 'cancelled') error.value = failure;
  }

  client.on('maps.ready', (event) => {
    if (event.request !== request) return;
    const key = keyOf(event.image, event.method);
    // Asked for again together with others: what is on screen says how it was made.
    if (maps.value.get(key)?.generation === generation.value) return;
    maps.value.set(key, {
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
    if (model.value === null || images.value.length === 0 || shownMethods.value.length === 0)
      return;
    requests += 1;
    const own = `${self}.${requests}`;
    request = own;
    if (made.value !== inputs.value) generation.value += 1;
    made.value = inputs.value;
    asked.value = everything.value;
    busy.value = true;
    error.value = null;
    shares.value = {};
    try {
      const answer = await client.call('maps.explore', {
        request: own,
        model: model.value,
        split: split.value,
        images: [...images.value],
        methods: [...shownMethods.value],
        parameters: { ...parameters.value },
        seed: seed.value,
        held: held(),
      });
      if (own !== request) return;
      const before = new Map(explored.value.map(({ image, pixels }) => [image, pixels]));
      explored.value = answer.images.flatMap((found) => {
        const pixels = found.pixels ? fromWire(found.pixels) : before.get(found.image);
        return pixels ? [{ ...found, pixels }] : [];
      });
    } catch (failure) {
      if (own === request) finish(toErrorData(failure));
    }
  }

  /** What is on screen of the same inputs need not travel again. */
  function held() {
    const drawn = (image: number, method: string) =>
      maps.value.get(keyOf(image, method))?.generation === generation.value;
    return {
      pixels: explored.value.map(({ image }) => image),
      maps: Object.fromEntries(
        shownMethods.value.map((method) => [
          method,
          images.value.filter((image) => drawn(image, method)),
        ]),
      ),
    };
  }

  /** On request: what is missing, or all anew where nothing is (core knows what it made). */
  function again(): Promise<void> {
    if (complete.value) made.value = '';
    return explore();
  }

  async function cancel(): Promise<void> {
    const stopped = request;
    finish(null);
    if (stopped !== null) await client.call('maps.cancel', { request: stopped });
  }

  /** Maps of one model or split must not be taken for another's; nor must their late events. */
  function clear(): void {
    request = null;
    busy.value = false;
    maps.value = new Map();
    explored.value = [];
    made.value = '';
    asked.value = '';
    error.value = null;
  }
  watch([model, split], clear, { flush: 'sync' });

  client.onReconnect(() => {
    if (busy.value) void explore();
  });

  return {
    model,
    split,
    images,
    methods,
    shownMethods,
    parameters,
    seed,
    mode,
    reduction,
    masked,
    zoom,
    shares,
    busy,
    error,
    generation,
    everything,
    counts,
    complete,
    changed,
    explore,
    again,
    cancel,
    mapOf: (image: number, method: string): DrawnMap | null =>
      maps.value.get(keyOf(image, method)) ?? null,
    /** The picked images that core has answered with, in the order picked. */
    explored: computed(() =>
      images.value.flatMap(
        (image) => explored.value.find((candidate) => candidate.image === image) ?? [],
      ),
    ),
    /** Go to another split: the images picked in this one mean nothing there. */
    chooseSplit(next: Split): void {
      if (next === split.value) return;
      split.value = next;
      images.value = [...firstImages];
    },
    hasMaps: computed(() => maps.value.size > 0),
  };
});
