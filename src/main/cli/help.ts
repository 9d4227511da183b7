/** Help beyond what the options say themselves: examples that can be copied, and exit codes. */
const run = 'npm run --silent cli --';

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${run} ${line}`).join('\n')}\n`;

export const program = `
Exit codes: 0 done, 1 failed, 2 bad usage, 130 interrupted (run the same command again to go on).
${examples('doctor', 'roar --dataset mnist --preset quick --out results', 'maps --dataset mnist --images 0-9 --out maps')}`;

export const doctor = `
Looks at versions, TensorFlow and its device, Electron, browsers, the data directory and the disk.
Exit code 1 if anything that the product needs is missing.
${examples('doctor', 'doctor --json')}`;

export const datasets = examples('datasets list', 'datasets verify mnist');

export const train = `
Training is seeded: the same command gives the same weights. Run again after an interruption, it
goes on from the last finished epoch; a model that exists with the same settings is not trained again.
${examples(
  'train --dataset mnist',
  'train --dataset mnist --removal 0.5 --epochs 5 --seed 1',
  'train --dataset mnist --train-limit 6000 --epochs 2 --out weights',
)}`;

export const maps = `
Writes manifest.json (with the parameters), inputs.npy, labels.npy, targets.npy, logits.npy,
noise.npy, one <method-id>.npy for each method and model.safetensors: all that it takes to compute
every map again elsewhere. Parameters that --set takes: n, sigma, sigmaMode, steps, quadrature,
baseline, score, target, guidedGate, smoothAggregate.
${examples(
  'maps --dataset mnist --images 0-9,42 --out maps',
  'maps --dataset mnist --images 7 --methods smoothgrad,integrated-gradients --set sigma=0.2 --set n=50 --out maps',
  'maps --dataset mnist --images 7 --methods "integrate(smooth(guided))" --out maps',
)}`;

export const roar = `
Writes curves.csv, scores.csv, models.csv, result.json, figure.svg, figure.png, report.html and
manifest.json. Run again after an interruption, it goes on where it stopped; a run that has finished
with the same settings is written again from its stored results.
${examples(
  'roar --dataset mnist --out results',
  'roar --dataset mnist --preset quick --images 100 --out quick',
  'roar --dataset mnist --levels 0,0.5,0.9 --methods smoothgrad,sobel --set sigma=0.2 --out some',
)}`;
