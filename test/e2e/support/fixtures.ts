import { test as base, type Page } from '@playwright/test';

export { expect } from '@playwright/test';

/** What a page must never say: errors and warnings on its console, exceptions, policy violations. */
function listen(page: Page, faults: string[]): void {
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    faults.push(`console.${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error.message}`));
  page.on('crash', () => faults.push('the page crashed'));
}

interface Fixtures {
  /** Faults that a test brings about on purpose (a killed server ends its socket). */
  expectedFaults: RegExp | null;
}

/** Every page of every test is listened to, and a fault fails the test. */
export const test = base.extend<Fixtures>({
  expectedFaults: [null, { option: true }],
  page: async ({ page, expectedFaults }, use) => {
    const faults: string[] = [];
    listen(page, faults);
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(
          `policy: ${event.violatedDirective} blocked ${event.blockedURI || 'inline'} at ${event.sourceFile}:${event.lineNumber}`,
        );
      });
    });
    await use(page);
    const unexpected = faults.filter((fault) => !expectedFaults?.test(fault));
    base.expect(unexpected, 'faults on the page').toEqual([]);
  },
});
