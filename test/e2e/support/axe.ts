import { AxeBuilder } from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { expect } from './fixtures';

/** The rules that read colours; all others see the same page in the dark. */
const colourRules = ['color-contrast', 'link-in-text-block'];

/** No objection of axe, in the light and in the dark. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await expect(page.locator('html')).toHaveClass(new RegExp(`\\b${scheme}\\b`));
    // Half faded in, nothing has the contrast that it is about to have.
    await page.evaluate(async () => {
      const passing = document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity);
      await Promise.allSettled(passing.map(({ finished }) => finished));
    });
    const axe = new AxeBuilder({ page });
    const { violations } = await (scheme === 'light' ? axe : axe.withRules(colourRules)).analyze();
    const found = violations.flatMap(({ id, help, nodes }) =>
      nodes
        .slice(0, 3)
        .map(
          ({ target, any }) =>
            `${id}: ${help}: ${target.join(' ')} (${any[0]?.message.slice(0, 200) ?? ''})`,
        ),
    );
    expect.soft(found, `axe on ${what}, ${scheme}`).toEqual([]);
  }
}
