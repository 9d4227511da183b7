import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const variable = 'SALIENCY_STUDIO_E2E_FOLDER';

/** One temporary folder for a whole run of the tests, removed at its end. */
export default function prepare(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'saliency-e2e-'));
  process.env[variable] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

export function workspace(): string {
  const folder = process.env[variable];
  if (!folder) throw new Error(`${variable} is not set: run the tests through Playwright.`);
  return folder;
}

/** A new empty folder inside it. */
export function freshFolder(name: string): string {
  return mkdtempSync(join(workspace(), `${name}-`));
}
