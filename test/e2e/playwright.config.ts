import { defineConfig } from '@playwright/test';

/**
 * End-to-end tests: the built application in a real browser and, where its binary is there, in
 * Electron. `npm test -- e2e [FILTER…]` builds, finds the browser and runs them.
 */
const executablePath = process.env['SALIENCY_STUDIO_CHROMIUM'];

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  globalSetup: './support/workspace.ts',
  // Most tests wait for a page most of the time. Measure with one file alone.
  workers: 3,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: '../../test-results/report.json' }]],
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 30_000,
    screenshot: 'only-on-failure',
    acceptDownloads: true,
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'browser', testMatch: /\.spec\.ts$/, testIgnore: /electron\.spec\.ts$/ },
    { name: 'electron', testMatch: /electron\.spec\.ts$/ },
  ],
});
