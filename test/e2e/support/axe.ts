import { AxeBuilder } from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { expect } from './fixtures';

/** What axe objects to, one line for each element. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, any }) =>
        `${id}: ${help}: ${target.join(' ')} (${any[0]?.message.slice(0, 200) ?? ''})`,
    ),
  );
  expect.soft(found, `axe on ${what}`).toEqual([]);
}
