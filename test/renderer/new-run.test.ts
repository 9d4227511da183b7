// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { clientKey } from '../../src/renderer/api/client';
import { createStudioRouter } from '../../src/renderer/router';
import { useDatasets } from '../../src/renderer/stores/datasets';
import { useNetworks } from '../../src/renderer/stores/networks';
import { useRoar } from '../../src/renderer/stores/roar';
import { levelSeries } from '../../src/renderer/views/models/series';
import NewRun from '../../src/renderer/views/evaluation/NewRun.vue';
import { settingErrors } from '../../src/renderer/views/evaluation/settings-form';
import { paperMetric } from '../../src/shared/catalogue/metrics';
import { datasetEntry, presetSettings } from '../fixtures/datasets';
import { datasetRecord, modelRecord } from './records';
import { backend, settled } from './support';

const text = (raw: string) => raw.replaceAll(/\s+/g, ' ');

describe('settings for a dataset that is not listed any more', () => {
  let wrapper: VueWrapper;

  async function open(): Promise<void> {
    const wire = backend({ 'datasets.list': () => [datasetRecord()], 'jobs.list': () => [] });
    const pinia = createPinia();
    const router = createStudioRouter(createMemoryHistory());
    await router.push('/roar');
    const global = { plugins: [pinia, router], provide: { [clientKey as symbol]: wire.client } };
    const app = mount({ template: '<div />' }, { global });
    await useDatasets(pinia).load();
    useRoar(pinia).edit({ ...presetSettings('quick', 'mnist'), dataset: 'gone', seed: 7 });
    app.unmount();
    wrapper = mount(NewRun, { global, attachTo: document.body });
    await settled();
  }

  afterEach(() => {
    wrapper.unmount();
    document.body.innerHTML = '';
  });

  it('are not shown as a form, which says why and cannot be started', async () => {
    await open();
    expect(text(wrapper.text())).toContain('The dataset of these settings is not listed');
    expect(text(wrapper.text())).toContain('They were made for gone');
    expect(text(wrapper.text())).toContain('Choose a dataset to start.');
    expect(wrapper.find('.el-collapse').exists()).toBe(false);
    const start = wrapper.get('[data-test="roar-start"]');
    expect(start.attributes('disabled')).toBeDefined();
  });

  it('become those of another dataset, with what fits it', async () => {
    await open();
    await wrapper.get('input[type="radio"]').trigger('change');
    await settled();
    const { draft } = useRoar();
    expect(draft).toMatchObject({ dataset: 'cifar10', seed: 7, images: 50 });
    // It takes these images, too, and nothing says that it was not chosen.
    expect(draft.recipe.architecture).toBe('mnist-cnn');
    expect(settingErrors(draft, datasetEntry('cifar10'), paperMetric)).toEqual({});
    expect(text(wrapper.text())).not.toContain('is not listed');
    expect(wrapper.find('.el-collapse').exists()).toBe(true);
  });

  it('do not keep the models of such a dataset from being listed', async () => {
    await open();
    const networks = useNetworks();
    const datasets = useDatasets();
    const [series] = levelSeries(
      [modelRecord({ dataset: 'gone' })],
      (id) => datasets.find(id) && networks.settingsOf(id),
    );
    expect(series?.dataset).toBe('gone');
    expect(series?.label).toContain('mnist-cnn');
  });
});
