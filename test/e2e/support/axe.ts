import { AxeBuilder } from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { expect } from './fixtures';

/** What axe objects to, with the first elements of each rule. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  // Half faded in, nothing has the contrast that it is about to have.
  await page.evaluate(async () => {
    const passing = document
      .getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(passing.map(({ finished }) => finished));
  });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes
      .slice(0, 3)
      .map(
        ({ target, any }) =>
          `${id}: ${help}: ${target.join(' ')} (${any[0]?.message.slice(0, 200) ?? ''})`,
      ),
  );
  expect.soft(found, `axe on ${what}`).toEqual([]);
}
