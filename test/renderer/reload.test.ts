// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryHistory, createRouter } from 'vue-router';
import { reloadWhenReplaced } from '../../src/renderer/reload';

function routerThatFails(message: string) {
  const empty = { template: '<div />' };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: empty },
      { path: '/gone', component: () => Promise.reject(new TypeError(message)) },
    ],
  });
  const loads: string[] = [];
  reloadWhenReplaced(router, (href) => loads.push(href));
  return { router, loads };
}

describe('reloadWhenReplaced', () => {
  beforeEach(() => sessionStorage.clear());

  it('loads the page again where it was going, once', async () => {
    const { router, loads } = routerThatFails('Failed to fetch dynamically imported module: x.js');
    await router.push('/gone').catch(() => undefined);
    await router.push('/gone').catch(() => undefined);
    expect(loads).toEqual(['/gone']);
  });

  it('leaves other errors alone', async () => {
    const { router, loads } = routerThatFails('a mistake in the view');
    await router.push('/gone').catch(() => undefined);
    expect(loads).toEqual([]);
  });
});
