import { describe, expect, it } from 'vitest';
import { toWire } from '../../src/shared/arrays';
import { StudioError } from '../../src/shared/errors';
import { type ExploredImage } from '../../src/shared/records';
import { type RouteInput } from '../../src/shared/routes';
import { useMaps } from '../../src/renderer/stores/maps';
import { modelId } from './records';
import { appWith, backend, settled } from './support';

type Explore = RouteInput<'maps.explore'>;

const image = (index: number): ExploredImage => ({
  image: index,
  pixels: toWire({ shape: [1, 1, 1], data: new Uint8Array([200]) }),
  label: 1,
  predicted: 1,
  target: 1,
  probabilities: [0.1, 0.9],
});

/** A store that looks at two images with two methods, and what core is asked. */
function opened(refusal?: StudioError) {
  const requests: Explore[] = [];
  const cancelled: string[] = [];
  const core = backend({
    'maps.explore': (input) => {
      requests.push(input);
      if (refusal) throw refusal;
      const shown = (index: number) =>
        input.held?.pixels?.includes(index) ? { ...image(index), pixels: null } : image(index);
      return { request: input.request ?? '', images: input.images.map(shown) };
    },
    'maps.cancel': ({ request }) => {
      cancelled.push(request);
      return {};
    },
  });
  appWith(core.client);
  const maps = useMaps();
  maps.model = modelId('a');
  maps.images = [4, 7];
  maps.methods = ['random', 'smoothgrad'];
  const ready = (request: string, index: number, method: string, value: number, reused = false) =>
    core.emit({
      type: 'maps.ready',
      request,
      image: index,
      method,
      map: toWire({ shape: [1, 1, 1], data: new Float32Array([value]) }),
      milliseconds: 12,
      reused,
    });
  const finished = (request: string, error: StudioError | null = null) =>
    core.emit({ type: 'maps.finished', request, error: error?.data ?? null });
  const valueOf = (index: number, method: string) => maps.mapOf(index, method)?.map.data[0];
  const last = () => requests.at(-1)?.request ?? '';
  return { maps, core, requests, cancelled, ready, finished, valueOf, last };
}

describe('maps', () => {
  it('names its requests so that core knows the client and their order', async () => {
    const { maps, requests } = opened();
    await maps.explore();
    await maps.explore();
    const names = requests.map(({ request = '' }) => request.split('.'));
    expect(names[0]?.[0]).toBe(names[1]?.[0]);
    expect(names[0]?.[0]).toMatch(/^[a-z0-9-]{1,40}$/);
    expect(names.map(([, number]) => number)).toEqual(['1', '2']);
  });

  it('asks for nothing without a model, an image or a method', async () => {
    const { maps, requests } = opened();
    maps.methods = [];
    await maps.explore();
    maps.methods = ['random'];
    maps.images = [];
    await maps.explore();
    maps.images = [1];
    maps.model = null;
    await maps.explore();
    expect(requests).toEqual([]);
  });

  it('takes maps of its own request alone', async () => {
    const { maps, ready, valueOf, last } = opened();
    await maps.explore();
    const older = last();
    await maps.explore();
    ready(older, 4, 'random', 1);
    ready('another-window.2', 4, 'random', 2);
    expect(valueOf(4, 'random')).toBeUndefined();
    ready(last(), 4, 'random', 3);
    expect(valueOf(4, 'random')).toBe(3);
  });

  it('shows progress by method and counts what is made and what was reused', async () => {
    const { maps, core, ready, finished, last } = opened();
    await maps.explore();
    core.emit({ type: 'maps.progress', request: last(), method: 'smoothgrad', share: 0.4 });
    core.emit({ type: 'maps.progress', request: 'other.1', method: 'random', share: 0.9 });
    expect(maps.shares).toEqual({ smoothgrad: 0.4 });
    ready(last(), 4, 'random', 1, true);
    ready(last(), 7, 'random', 1);
    expect(maps.counts).toEqual({ wanted: 4, ready: 2, reused: 1 });
    expect(maps.complete).toBe(false);
    ready(last(), 4, 'smoothgrad', 1);
    ready(last(), 7, 'smoothgrad', 1);
    finished('other.1');
    expect(maps.busy).toBe(true);
    finished(last());
    expect(maps.busy).toBe(false);
    expect(maps.shares).toEqual({});
    expect(maps.complete).toBe(true);
  });

  it('dims maps of other parameters until their successors come', async () => {
    const { maps, ready, last } = opened();
    await maps.explore();
    ready(last(), 4, 'random', 1);
    const isStale = () => maps.mapOf(4, 'random')?.generation !== maps.generation;
    expect(isStale()).toBe(false);
    maps.parameters.n = 3;
    expect(maps.changed).toBe(true);
    await maps.explore();
    expect(isStale()).toBe(true);
    expect(maps.counts.ready).toBe(0);
    ready(last(), 4, 'random', 2);
    expect(isStale()).toBe(false);
  });

  it('keeps maps in force while only images or methods are added', async () => {
    const { maps, ready, finished, last, valueOf } = opened();
    await maps.explore();
    for (const index of [4, 7]) {
      for (const method of ['random', 'smoothgrad']) ready(last(), index, method, index);
    }
    finished(last());
    maps.images = [4, 7, 9];
    expect(maps.changed).toBe(true);
    await maps.explore();
    expect(maps.counts).toEqual({ wanted: 6, ready: 4, reused: 0 });
    // Sent again as known: what is shown still says that it was made here.
    ready(last(), 4, 'random', 4, true);
    expect(maps.mapOf(4, 'random')?.reused).toBe(false);
    ready(last(), 9, 'random', 9);
    expect(valueOf(9, 'random')).toBe(9);
  });

  it('asks for no pixels and no map again that it has', async () => {
    const { maps, requests, ready, last } = opened();
    await maps.explore();
    const { pixels: first } = maps.explored[0] ?? {};
    ready(last(), 4, 'random', 1);
    maps.images = [4, 9];
    await maps.explore();
    expect(requests.map(({ held }) => held)).toEqual([
      { pixels: [], maps: { random: [], smoothgrad: [] } },
      { pixels: [4, 7], maps: { random: [4], smoothgrad: [] } },
    ]);
    expect(maps.explored.map((explored) => explored.image)).toEqual([4, 9]);
    expect(maps.explored[0]?.pixels).toBe(first);
    // Other parameters make other maps of the same pixels.
    maps.seed = 3;
    await maps.explore();
    expect(requests.at(-1)?.held).toEqual({
      pixels: [4, 9],
      maps: { random: [], smoothgrad: [] },
    });
    // Of another model the images may be cut otherwise.
    maps.model = modelId('b');
    await maps.explore();
    expect(requests.at(-1)?.held?.pixels).toEqual([]);
  });

  it('needs no request where fewer images or methods are wanted', async () => {
    const { maps, ready, finished, last } = opened();
    await maps.explore();
    for (const index of [4, 7]) {
      for (const method of ['random', 'smoothgrad']) ready(last(), index, method, 1);
    }
    finished(last());
    maps.methods = ['random'];
    maps.images = [7];
    expect(maps.changed).toBe(false);
    expect(maps.explored.map((explored) => explored.image)).toEqual([7]);
  });

  it('stops: core is told, nothing of the request counts as wanted again by itself', async () => {
    const { maps, cancelled, finished, last } = opened();
    await maps.explore();
    await maps.cancel();
    expect(cancelled).toEqual([last()]);
    expect(maps.busy).toBe(false);
    finished(last(), new StudioError({ code: 'cancelled', message: 'no longer wanted' }));
    expect(maps.error).toBeNull();
    expect(maps.changed).toBe(false);
  });

  it('keeps a refusal and forgets it with the next request', async () => {
    const refusal = new StudioError({ code: 'engine-failed', message: 'It ended.' });
    const { maps, finished, last } = opened(refusal);
    await maps.explore();
    expect(maps.error?.message).toBe('It ended.');
    expect(maps.busy).toBe(false);
    const other = opened();
    await other.maps.explore();
    other.finished(other.last(), refusal);
    expect(other.maps.error?.code).toBe('engine-failed');
    await other.maps.explore();
    expect(other.maps.error).toBeNull();
    finished(last());
  });

  it('takes no map of one model for another’s, and picks anew in another split', async () => {
    const { maps, ready, last } = opened();
    await maps.explore();
    const older = last();
    ready(older, 4, 'random', 1);
    maps.model = modelId('b');
    expect(maps.hasMaps).toBe(false);
    expect(maps.busy).toBe(false);
    ready(older, 4, 'random', 1);
    expect(maps.hasMaps).toBe(false);
    maps.chooseSplit('train');
    expect(maps.images).toEqual([0, 1, 2, 3]);
  });

  it('asks again after a lost connection where maps were on their way', async () => {
    const { maps, core, requests } = opened();
    await maps.explore();
    core.setState('lost');
    core.setState('open');
    await settled();
    expect(requests).toHaveLength(2);
  });
});
