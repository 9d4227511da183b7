// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { defineComponent, h, nextTick } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { goKeys, useShortcuts } from '../../src/renderer/composables/useShortcuts';
import { digitOf, letterOf } from '../../src/renderer/keyboard';

let unmount: (() => void) | null = null;
afterEach(() => unmount?.());

async function app() {
  const view = { render: () => h('p') };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: view },
      ...Object.values(goKeys).map((name) => ({ path: `/${name}`, name, component: view })),
    ],
  });
  let help: { value: boolean } = { value: false };
  const host = defineComponent(() => {
    help = useShortcuts().helpOpen;
    return () => h('div');
  });
  const wrapper = mount(host, { global: { plugins: [router] }, attachTo: document.body });
  unmount = () => wrapper.unmount();
  await router.isReady();
  const press = async (init: KeyboardEventInit) => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true }));
    await nextTick();
    await new Promise((done) => setTimeout(done));
  };
  return { router, press, helping: () => help.value };
}

describe('shortcuts of the app', () => {
  it.each([
    ['a Latin layout', ['g', 'KeyG'], ['r', 'KeyR'], 'roar'],
    ['Dvorak, by what its keys print', ['g', 'KeyU'], ['r', 'KeyO'], 'roar'],
    ['a Persian one, by where its keys lie', ['ل', 'KeyG'], ['ق', 'KeyR'], 'roar'],
    ['a Russian one', ['п', 'KeyG'], ['ы', 'KeyS'], 'studies'],
  ] as const)('go to a view on %s', async (_layout, first, second, name) => {
    const { router, press } = await app();
    for (const [key, code] of [first, second]) await press({ key, code });
    expect(router.currentRoute.value.name).toBe(name);
  });

  it('leave commands of the browser alone, and open the help by any question mark', async () => {
    const { router, press, helping } = await app();
    await press({ key: 'g', code: 'KeyG' });
    await press({ key: 'r', code: 'KeyR', ctrlKey: true });
    expect(router.currentRoute.value.name).toBeUndefined();
    expect(helping()).toBe(false);
    await press({ key: '؟', code: 'Slash', shiftKey: true });
    expect(helping()).toBe(true);
  });
});

describe('what a key means', () => {
  it('is the value of the digit that it prints, in every script', () => {
    for (const zero of ['0', '٠', '۰', '०', '০', '๐', '０', '𝟎', '𝟘', '𝟶', '🯰']) {
      for (let value = 0; value < 10; value += 1) {
        const key = String.fromCodePoint((zero.codePointAt(0) ?? 0) + value);
        expect(digitOf({ key, code: 'KeyX' })).toBe(value);
      }
    }
  });

  it('is that of its place wherever it prints no digit', () => {
    const printed = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 });
    fc.assert(
      fc.property(printed, fc.integer({ min: 0, max: 9 }), (key, place) => {
        fc.pre(!/\p{Nd}/u.test(key));
        return digitOf({ key, code: `Digit${place}` }) === place;
      }),
    );
    fc.assert(
      fc.property(printed, (key) => {
        const letter = letterOf({ key, code: 'KeyQ' });
        return letter === (/^[a-z]$/i.test(key) ? key.toLowerCase() : 'q') || letter === null;
      }),
    );
    expect(letterOf({ key: 'Enter', code: 'KeyQ' })).toBeNull();
    expect(letterOf({ key: ';', code: 'KeyQ' })).toBeNull();
  });
});
