// @ts-check
/**
 * npm test: set-up, then every test; the last line counts them.
 *   npm test -- unit [FILTER…]   vitest alone, of files whose path holds a filter
 *   npm test -- e2e [FILTER…]    Playwright alone
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBrowser } from './setup/browser.mjs';
import { createContext } from './setup/context.mjs';
import { SetupError } from './setup/errors.mjs';
import { readJson } from './setup/files.mjs';
import { launch, wasInterrupted } from './setup/launch.mjs';
import { environmentFor } from './setup/node-runtime.mjs';
import { UsageError, takeSetupOptions } from './setup/options.mjs';
import { describeProblem } from './setup/print.mjs';
import {
  addCounts,
  countPlaywright,
  countVitest,
  summaryLine,
  writeResults,
} from './setup/results.mjs';
import { runMain, runSetup } from './setup/run.mjs';
import { readTestOptions } from './setup/test-options.mjs';

const ONE_FAILURE = { passed: 0, failed: 1, skipped: 0 };

/**
 * @typedef {{context: import('./setup/context.mjs').Context,
 *   node: import('./setup/node-runtime.mjs').NodeRuntime, filters: string[]}} Run
 */

/** @param {Run} run */
async function runVitest({ context, node, filters }) {
  const { root, state } = context;
  const report = join(state, 'results', 'vitest.json');
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', ...filters, '--reporter=default', '--reporter=json'];
  const env = environmentFor(context, node);
  const code = await launch(node.path, [...args, `--outputFile.json=${report}`], {
    cwd: root,
    env,
  });
  return countVitest(readJson(report), code);
}

/** @param {Run} run */
async function runPlaywright({ context, node, filters }) {
  const { root, state } = context;
  const report = join(state, 'results', 'playwright.json');
  rmSync(report, { force: true });
  const browser = await ensureBrowser(context);
  console.log(`\nEnd-to-end tests in ${browser}`);
  const playwright = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
  const args = [playwright, 'test', '-c', join('test', 'e2e', 'playwright.config.ts'), ...filters];
  const env = {
    ...environmentFor(context, node),
    SALIENCY_STUDIO_CHROMIUM: browser,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  };
  const code = await launch(node.path, [...args, '--reporter=list,json'], { cwd: root, env });
  return countPlaywright(readJson(report), code);
}

/**
 * @param {(run: Run) => Promise<import('./setup/results.mjs').Counts>} runner
 * @param {Run} run
 */
async function counted(runner, run) {
  try {
    return await runner(run);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${describeProblem(error)}`);
    return ONE_FAILURE;
  }
}

/** @param {readonly string[]} args */
async function main(args) {
  const { variant, rest } = takeSetupOptions(args);
  const { runners, filters } = readTestOptions(rest);
  const context = createContext();
  rmSync(join(context.state, 'results', 'test.json'), { force: true });
  const { node, engine } = await runSetup(context, { engine: 'bring', variant, app: true });
  if (!engine?.ok) {
    const message = `The tests need the engine: ${engine?.reason ?? ''}`;
    console.error(`\n${describeProblem({ message, remedy: engine?.remedy })}`);
    return ONE_FAILURE;
  }
  const run = { context, node, filters };
  const counts = [];
  if (runners.includes('unit')) counts.push(await counted(runVitest, run));
  if (runners.includes('e2e') && !wasInterrupted()) counts.push(await counted(runPlaywright, run));
  const total = addCounts(counts);
  writeResults(context.state, 'test', total);
  return total;
}

await runMain(async () => {
  try {
    const total = await main(process.argv.slice(2));
    console.log(`\n${summaryLine(total)}`);
    if (wasInterrupted()) return 130;
    return total.failed === 0 && total.passed > 0 ? 0 : 1;
  } catch (error) {
    if (error instanceof SetupError) {
      console.error(`\nSet-up stopped: ${describeProblem(error)}`);
      console.log(`\n${summaryLine(ONE_FAILURE)}`);
      return 1;
    }
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
});
