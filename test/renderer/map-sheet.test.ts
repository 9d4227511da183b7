// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { StudioError } from '../../src/shared/errors';
import { type MapSheet } from '../../src/shared/map-sheets';
import { clientKey } from '../../src/renderer/api/client';
import { createStudioRouter } from '../../src/renderer/router';
import SheetView from '../../src/renderer/views/paper/SheetView.vue';
import { experimentId } from './experiment-records';
import { modelId, runId } from './records';
import { type Backend, backend, settled } from './support';

const png = 'iVBORw0KGgo=';
const sheet: MapSheet = {
  notes: ['Tiny ImageNet is left out: it has no model.'],
  blocks: [
    {
      dataset: 'cifar10',
      name: 'CIFAR-10',
      model: { id: modelId('a'), name: 'The model' },
      run: { id: runId('a'), name: 'The run' },
      methods: [
        { id: 'smoothgrad', name: 'SmoothGrad' },
        { id: 'guided-backprop', name: 'Guided Backprop' },
      ],
      rows: [{ image: 7, label: 3, class: 'cat', picture: png, maps: [png, png] }],
      caption: 'n = 15, σ = 0.15.',
    },
  ],
};

describe('the printable page of maps', () => {
  let wrapper: VueWrapper;
  let wire: Backend;

  async function open(path: string, refuse = false): Promise<void> {
    wire = backend({
      'maps.sheet': () => {
        if (refuse) throw new StudioError({ code: 'not-found', message: 'There is no such run.' });
        return sheet;
      },
    });
    const router = createStudioRouter(createMemoryHistory());
    await router.push(path);
    wrapper = mount(SheetView, {
      global: {
        plugins: [createPinia(), router],
        provide: { [clientKey as symbol]: wire.client },
      },
      attachTo: document.body,
    });
    await vi.waitFor(() => expect(wire.calls).toHaveLength(1));
    await settled();
  }
  afterEach(() => {
    wrapper.unmount();
    document.body.innerHTML = '';
  });

  it('sets images and maps side by side, each with its name', async () => {
    await open(`/sheet?experiment=${experimentId('a')}`);
    expect(wire.calls[0]?.input).toEqual({
      of: { kind: 'experiment', experiment: experimentId('a') },
      images: 10,
    });
    expect(wrapper.findAll('thead th').map((cell) => cell.text())).toEqual([
      ...['Class', 'Image', 'SmoothGrad', 'Guided Backprop'],
    ]);
    expect(wrapper.findAll('img').map((image) => image.attributes('alt'))).toEqual([
      'Image 7, class cat',
      'SmoothGrad of image 7',
      'Guided Backprop of image 7',
    ]);
    expect(wrapper.text()).toContain('Tiny ImageNet is left out');
    expect(wrapper.text()).toContain('n = 15, σ = 0.15.');
  });

  it('asks for a run, or for datasets, as its address says', async () => {
    await open(`/sheet?run=${runId('a')}`);
    expect(wire.calls[0]?.input).toMatchObject({ of: { kind: 'run', run: runId('a') } });
    wrapper.unmount();
    await open('/sheet?datasets=cifar10,nothing');
    expect(wire.calls[0]?.input).toMatchObject({
      of: { kind: 'datasets', datasets: ['cifar10'] },
    });
  });

  it('asks again for another number of images, and not for one that is refused', async () => {
    await open('/sheet');
    const field = wrapper.find('input');
    await field.setValue('50');
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(wire.calls).toHaveLength(1);
    expect(wrapper.find('[role="alert"]').text()).toBe('Accepted: 1 to 20');
    await field.setValue('3');
    await vi.waitFor(() => expect(wire.calls).toHaveLength(2));
    expect(wire.calls[1]?.input).toMatchObject({ images: 3 });
  });

  it('says why there is none', async () => {
    await open(`/sheet?run=${runId('a')}`, true);
    expect(wrapper.text()).toContain('There is no such run.');
    const print = wrapper.findAll('button').find((each) => each.text().startsWith('Print'));
    expect(print?.attributes('disabled')).toBeDefined();
  });
});
