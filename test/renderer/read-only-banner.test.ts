// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { expect, it } from 'vitest';
import { clientKey } from '../../src/renderer/api/client';
import ReadOnlyBanner from '../../src/renderer/components/frame/ReadOnlyBanner.vue';
import { useStatus } from '../../src/renderer/stores/status';
import { statusRecord } from './records';
import { backend, settled } from './support';

it.each([
  ['read', true],
  ['write', false],
] as const)(
  'of a data directory that is open to %s the banner says so: %s',
  async (access, shown) => {
    const status = { ...statusRecord(), access, dataDir: '/media/stick/studio' };
    const wire = backend({ 'app.status': () => status });
    const pinia = createPinia();
    const wrapper = mount(ReadOnlyBanner, {
      global: { plugins: [pinia], provide: { [clientKey as symbol]: wire.client } },
    });
    await useStatus(pinia).load();
    await settled();
    const banner = wrapper.find('[role="status"]').text();
    if (!shown) return expect(banner).toBe('');
    expect(banner).toContain('Open for reading.');
    expect(banner).toContain('/media/stick/studio cannot be written');
  },
);
