import { type Router } from 'vue-router';

const key = 'studio.reloaded';

/**
 * A page that stayed open while the app was built anew asks for files that are gone: load the page
 * again at the place that was wanted, once.
 */
export function reloadWhenReplaced(
  router: Router,
  load: (href: string) => void = (href) => {
    window.location.assign(href);
    window.location.reload();
  },
): void {
  router.onError((error: unknown, to) => {
    const missing =
      error instanceof Error && /dynamically imported module|preload CSS/i.test(error.message);
    if (!missing || sessionStorage.getItem(key) === to.fullPath) return;
    sessionStorage.setItem(key, to.fullPath);
    load(router.resolve(to.fullPath).href);
  });
  router.afterEach(() => sessionStorage.removeItem(key));
}
