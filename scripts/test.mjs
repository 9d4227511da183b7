// @ts-check
/**
 * npm test: set-up, then every test; the last line counts them.
 *   npm test -- [unit] [FILTER…]   vitest alone, of files whose path holds a filter
 *   npm test -- e2e [FILTER…]      Playwright alone
 * The engine is set up for what needs it and is asked for by name (setup/engine-tests.mjs).
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBrowser } from './setup/browser.mjs';
import { createContext } from './setup/context.mjs';
import { engineWasBuilt } from './setup/engine.mjs';
import { engineUse, unitTests } from './setup/engine-tests.mjs';
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
 *   node: import('./setup/node-runtime.mjs').NodeRuntime, filters: string[],
 *   leftOut: readonly string[]}} Run
 *   leftOut: files of unit tests that need the engine, where it is not built
 */

/** @param {Run} run */
async function runVitest({ context, node, filters, leftOut }) {
  const { root, state } = context;
  const report = join(state, 'results', 'vitest.json');
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const excluded = leftOut.map((path) => `--exclude=${path}`);
  const args = [vitest, 'run', ...filters, ...excluded, '--reporter=default', '--reporter=json'];
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

/** @param {readonly string[]} leftOut */
function leftOutLine(leftOut) {
  const files = leftOut.length === 1 ? '1 file that needs' : `${leftOut.length} files that need`;
  return `${files} the engine left out: \`npm test -- engine\` sets it up and runs all of them`;
}

/** @param {readonly string[]} args */
async function main(args) {
  const { engine: wish, variant, rest } = takeSetupOptions(args);
  const { runners, filters } = readTestOptions(rest);
  const refused = wish === 'without';
  if (refused && runners.includes('e2e')) {
    throw new UsageError(
      '--no-engine: the end-to-end tests need the engine; give unit, or parts of test files’ paths.',
    );
  }
  const context = createContext();
  const { root, state } = context;
  rmSync(join(state, 'results', 'test.json'), { force: true });
  const use = engineUse({
    files: unitTests(root),
    filters,
    built: engineWasBuilt(state),
    refused,
  });
  const bring = use.needed || runners.includes('e2e');
  const { node, engine } = await runSetup(context, {
    engine: bring ? 'bring' : 'leave',
    variant,
    app: true,
  });
  if (bring && !engine?.ok) {
    const message = `The tests need the engine: ${engine?.reason ?? ''}`;
    console.error(`\n${describeProblem({ message, remedy: engine?.remedy })}`);
    return ONE_FAILURE;
  }
  const leftOut = bring ? [] : use.leftOut;
  const run = { context, node, filters, leftOut };
  const counts = [];
  if (runners.includes('unit')) counts.push(await counted(runVitest, run));
  if (runners.includes('e2e') && !wasInterrupted()) counts.push(await counted(runPlaywright, run));
  if (leftOut.length > 0) console.log(`\n${leftOutLine(leftOut)}`);
  const total = addCounts(counts);
  writeResults(state, 'test', total);
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
