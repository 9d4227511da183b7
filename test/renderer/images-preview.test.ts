// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defineComponent, h, ref } from 'vue';
import { clientKey } from '../../src/renderer/api/client';
import { useDatasets } from '../../src/renderer/stores/datasets';
import ImagesPreview from '../../src/renderer/views/datasets/ImagesPreview.vue';
import { type TypedImages } from '../../src/renderer/views/datasets/images-form';
import { useImagesPreview } from '../../src/renderer/views/datasets/useImagesPreview';
import { toWire } from '../../src/shared/arrays';
import { ownImagesSchema } from '../../src/shared/catalogue/own-images';
import { type RouteInput, type RouteOutput } from '../../src/shared/routes';
import { backend } from './support';

type Preview = RouteOutput<'datasets.previewImages'>;

const sample = (path: string, changes: Partial<Preview['samples'][number]> = {}) => ({
  ...{ path, className: 'disc', split: 'train' as const, why: null, masked: false, maskWhy: null },
  ...changes,
});

/** Three samples of one colour: one with a mask, one whose mask is left out, one that cannot be read. */
function previewOf(size: number): Preview {
  const pixels = new Uint8Array(2 * size * size * 3).fill(200);
  return {
    classes: [{ name: 'disc', train: 3, validation: 1 }],
    ...{ refused: [], refusals: 0, notes: [], stated: null, splitGiven: true },
    masks: { train: 2, validation: 1 },
    settings: ownImagesSchema.parse({ size }),
    samples: [
      sample('a.png', { masked: true }),
      sample('b.png', { why: 'it is truncated or damaged' }),
      sample('c.png', { maskWhy: 'there is no object in it' }),
    ],
    pixels: toWire({ shape: [2, size, size, 3], data: pixels }),
    maskBits: toWire({ shape: [1, (size * size) / 8], data: new Uint8Array((size * size) / 8) }),
  };
}

function open(answer: (input: RouteInput<'datasets.previewImages'>) => Preview | Promise<Preview>) {
  const wire = backend({ 'datasets.previewImages': answer });
  const typed = ref<TypedImages>({});
  const View = defineComponent({
    setup() {
      const store = useDatasets();
      const seen = useImagesPreview(
        () => ({ path: '/photos', labels: null, masks: '/masks' }),
        () => typed.value,
      );
      return () =>
        h(ImagesPreview, {
          preview: seen.preview.value,
          samples: seen.samples.value,
          settings: seen.settings.value,
          progress: store.look,
          chosen: true,
          looking: seen.looking.value,
          redoing: seen.redoing.value,
        });
    },
  });
  const wrapper = mount(View, {
    global: { plugins: [createPinia()], provide: { [clientKey as symbol]: wire.client } },
    attachTo: document.body,
  });
  return { wire, wrapper, typed };
}

describe('a look at images before they are added', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('says how far it is, how fast it goes and how long it takes; of its own alone', async () => {
    const { promise, resolve } = Promise.withResolvers<Preview>();
    const { wire, wrapper } = open(() => promise);
    await vi.waitFor(() => expect(wire.calls).toHaveLength(1));
    const { request } = wire.calls[0]?.input as { request: string };
    const progress = { type: 'preview.progress', rate: 2 ** 20, unit: 'bytes' } as const;
    const far = { done: 3 * 2 ** 20, total: 9 * 2 ** 20, secondsLeft: 6 };
    wire.emit({ ...progress, ...far, request: 'another' });
    await flushPromises();
    expect(wrapper.text()).not.toContain('of 9.0 MiB');
    wire.emit({ ...progress, ...far, request });
    await flushPromises();
    expect(wrapper.text()).toMatch(/3\.0 MiB of 9\.0 MiB\s*1\.0 MiB\/s\s*· 6 s left/);
    expect(wrapper.get('[role=progressbar]').attributes('aria-valuenow')).toBe('33.3');
    wire.emit({
      ...{ ...progress, request, done: 1234, total: 0, unit: 'files' },
      ...{ rate: 500, secondsLeft: null },
    });
    await flushPromises();
    expect(wrapper.text()).toMatch(/1,234 files seen\s*500 files\/s/);
    expect(wrapper.get('[role=progressbar]').attributes('aria-valuenow')).toBeUndefined();
    resolve(previewOf(8));
    await flushPromises();
    expect(wrapper.find('[role=progressbar]').exists()).toBe(false);
  });

  it('shows masks where they are wanted, and names each sample and mask that is left out', async () => {
    const { wrapper, wire, typed } = open(({ size }) => previewOf(Number(size ?? 8)));
    await vi.waitFor(() => expect(wrapper.findAll('canvas')).toHaveLength(2));
    const labels = () => wrapper.findAll('canvas').map((canvas) => canvas.attributes('aria-label'));
    expect(labels()).toEqual(['a.png, class disc', 'c.png, class disc']);
    await wrapper.get('input[type=checkbox]').setValue(true);
    expect(labels()).toEqual(['a.png, class disc, its object alone', 'c.png, class disc']);
    expect(wrapper.text()).toContain('3 images have one');
    const rows = wrapper.findAll('.refused tbody tr').map((row) => row.text());
    expect(rows).toEqual([
      expect.stringMatching(/b\.png.*truncated or damaged/),
      expect.stringMatching(/Mask of c\.png.*there is no object in it/),
    ]);
    // Masks of another size are found by another look.
    typed.value = { size: 16 };
    await vi.waitFor(() => expect(wire.calls).toHaveLength(2));
    expect(wire.calls[1]).toMatchObject({
      route: 'datasets.previewImages',
      input: { path: '/photos', masks: '/masks', size: 16 },
    });
    await flushPromises();
    expect(labels()).toEqual(['a.png, class disc, its object alone', 'c.png, class disc']);
  });
});
