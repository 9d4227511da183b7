// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientKey } from '../../src/renderer/api/client';
import { useDatasets } from '../../src/renderer/stores/datasets';
import { type RouteInput } from '../../src/shared/routes';
import ImagePicker from '../../src/renderer/views/maps/ImagePicker.vue';
import { datasetRecord } from './records';
import { backend } from './support';

const count = 1000;
/** Ten thumbnails beside each other, four rows in sight. */
const area = { width: 800, height: 448 };

const installed = datasetRecord('mnist', {
  state: 'installed',
  reason: null,
  classes: Array.from({ length: 10 }, (_, i) => String(i)),
});

function images({ offset = 0, limit = 0, label = null }: RouteInput<'datasets.images'>) {
  const found = Array.from({ length: count }, (_, i) => i).filter(
    (index) => label === null || index % 10 === label,
  );
  const indices = found.slice(offset, offset + limit);
  const shape = [indices.length, 2, 2, 1];
  return {
    total: found.length,
    indices,
    labels: indices.map((index) => index % 10),
    pixels: { dtype: 'uint8' as const, shape, data: new Uint8Array(indices.length * 4) },
  };
}

async function open(answer: typeof images = images) {
  const wire = backend({
    'datasets.list': () => [installed],
    'datasets.images': answer,
  });
  const wrapper = mount(ImagePicker, {
    props: { dataset: 'mnist', split: 'train', most: 3, open: false, images: [5] },
    global: { plugins: [createPinia()], provide: { [clientKey as symbol]: wire.client } },
    attachTo: document.body,
  });
  await useDatasets().load();
  await wrapper.setProps({ open: true });
  await flushPromises();
  return {
    wire,
    wrapper,
    asked: () => wire.calls.filter(({ route }) => route === 'datasets.images'),
  };
}

const options = (wrapper: VueWrapper) => wrapper.findAll('[role=option]');
const at = (wrapper: VueWrapper, position: number) =>
  wrapper.get(`[aria-posinset="${position + 1}"]`);
const nameOf = (element: Element | null) =>
  element?.querySelector('.visually-hidden')?.textContent ?? '';
const nameAt = (wrapper: VueWrapper, position: number) => nameOf(at(wrapper, position).element);
const focused = () => nameOf(document.activeElement);
async function scrollTo(wrapper: VueWrapper, top: number): Promise<void> {
  const list = wrapper.get('[role=listbox]');
  list.element.scrollTop = top;
  await list.trigger('scroll');
  await flushPromises();
}
async function press(key: string): Promise<void> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  document.activeElement?.dispatchEvent(event);
  await flushPromises();
}

describe('the picker of images', () => {
  beforeEach(() => {
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(area.width);
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(area.height);
  });
  afterEach(() => {
    document.body.innerHTML = '';
    vi.restoreAllMocks();
  });

  it('makes what is in sight of a thousand images, and says how many there are', async () => {
    const { wrapper } = await open();
    expect(wrapper.text()).toContain('1,000 images');
    expect(options(wrapper)).toHaveLength(60);
    expect(nameAt(wrapper, 7)).toBe('Image 7, class 7');
    expect(at(wrapper, 7).attributes('aria-setsize')).toBe('1000');
    await scrollTo(wrapper, 50 * 112);
    // Two rows above and below the four, and the place of the keyboard.
    expect(options(wrapper)).toHaveLength(81);
    expect(nameAt(wrapper, 500)).toBe('Image 500, class 0');
  });

  it('loads what is looked at and passes over what is not, each piece once', async () => {
    const { wrapper, asked } = await open();
    const offsets = () => asked().map(({ input }) => (input as { offset: number }).offset);
    expect(offsets()).toEqual([0, 30]);
    await scrollTo(wrapper, 90 * 112);
    expect(offsets()).toEqual([0, 30, 870, 900, 930]);
    await scrollTo(wrapper, 0);
    await scrollTo(wrapper, 90 * 112);
    await wrapper.setProps({ open: false });
    await wrapper.setProps({ open: true });
    await flushPromises();
    expect(offsets()).toHaveLength(5);
    expect(nameAt(wrapper, 3)).toBe('Image 3, class 3');
  });

  it('asks for no more than two pieces at a time', async () => {
    const waiting: (() => void)[] = [];
    let under = 0;
    let most = 0;
    const slow = backend({
      'datasets.list': () => [installed],
      'datasets.images': async (input) => {
        under += 1;
        most = Math.max(most, under);
        await new Promise<void>((resolve) => waiting.push(resolve));
        under -= 1;
        return images(input);
      },
    });
    const picker = mount(ImagePicker, {
      props: { dataset: 'mnist', split: 'train', most: 3, open: true, images: [] },
      global: { plugins: [createPinia()], provide: { [clientKey as symbol]: slow.client } },
      attachTo: document.body,
    });
    for (let top = 0; top < 20; top += 1) {
      await scrollTo(picker, top * 448);
      waiting.shift()?.();
      await flushPromises();
    }
    expect(most).toBe(2);
  });

  it('is gone through by the keyboard, whose place stays when it is scrolled out of sight', async () => {
    const { wrapper } = await open();
    expect(options(wrapper).filter((one) => one.attributes('tabindex') === '0')).toHaveLength(1);
    const first = at(wrapper, 0).element;
    if (first instanceof HTMLElement) first.focus();
    for (const [key, name] of [
      ['ArrowRight', 'Image 1,'],
      ['ArrowDown', 'Image 11,'],
      ['ArrowUp', 'Image 1,'],
      ['ArrowUp', 'Image 1,'],
      ['PageDown', 'Image 41,'],
      ['PageUp', 'Image 1,'],
      ['End', 'Image 999,'],
      ['ArrowRight', 'Image 999,'],
      ['ArrowDown', 'Image 999,'],
      ['Home', 'Image 0,'],
      ['ArrowLeft', 'Image 0,'],
      ['ArrowRight', 'Image 1,'],
    ] as const) {
      await press(key);
      expect(focused(), key).toContain(name);
    }
    await press(' ');
    expect(wrapper.text()).toContain('2 of at most 3 picked');
    await scrollTo(wrapper, 80 * 112);
    expect(focused()).toBe('Image 1, class 1');
    expect(at(wrapper, 1).attributes('aria-selected')).toBe('true');
    await press('ArrowRight');
    expect(focused()).toBe('Image 2, class 2');
    expect(wrapper.get('[role=listbox]').element.scrollTop).toBe(0);
  });

  it('picks no more than it may, lets go again, and hands over what was picked', async () => {
    const { wrapper } = await open();
    await at(wrapper, 6).trigger('click');
    await at(wrapper, 7).trigger('click');
    expect(at(wrapper, 8).attributes('aria-disabled')).toBe('true');
    await at(wrapper, 8).trigger('click');
    expect(wrapper.text()).toContain('3 of at most 3 picked');
    await at(wrapper, 6).trigger('click');
    expect(at(wrapper, 8).attributes('aria-disabled')).toBe('false');
    const use = wrapper.findAll('button').find((button) => button.text() === 'Use these');
    await use?.trigger('click');
    expect(wrapper.emitted('update:images')).toEqual([[[5, 7]]]);
  });

  it('begins at the top of another class', async () => {
    const { wrapper, asked } = await open();
    await scrollTo(wrapper, 50 * 112);
    const four = wrapper.findAll('input[type=radio]')[5];
    await four?.setValue(true);
    await flushPromises();
    expect(wrapper.text()).toContain('100 images');
    expect(nameAt(wrapper, 1)).toBe('Image 14, class 4');
    expect(asked().at(-1)).toMatchObject({ input: { label: 4 } });
    expect(wrapper.get('[role=listbox]').element.scrollTop).toBe(0);
  });

  it('says why images did not come, and asks again', async () => {
    let broken = true;
    const { wrapper } = await open((input) => {
      if (broken) throw new Error('the disk is gone');
      return images(input);
    });
    expect(wrapper.get('[role=alert]').text()).toContain('the disk is gone');
    broken = false;
    await wrapper.get('[role=alert] button').trigger('click');
    await flushPromises();
    expect(wrapper.find('[role=alert]').exists()).toBe(false);
    expect(options(wrapper)).toHaveLength(60);
  });
});
