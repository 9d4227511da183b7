import { describe, expect, test } from 'vitest';
import { stubApp } from '../core/stub-app';
import { cli } from './world';
import { dataset } from './records';

describe('bad usage exits with 2 and names the option, the value and what is accepted', () => {
  const roar = ['roar', '--dataset', 'mnist', '--out', 'x'];
  const train = ['train', '--dataset', 'mnist'];
  const images = ['datasets', 'import', 'images', 'src', '--name', 'Mine'];
  const weights = ['models', 'import', 'no-such.safetensors', '--dataset', 'mnist'];
  const tables = ['tables', '--study', 'x', '--format', 'csv'];
  const maps = ['maps', '--dataset', 'mnist', '--images', '1', '--out', 'x'];
  test.each([
    [['nonsense'], /unknown command/],
    [['train'], /--dataset/],
    [['datasets', 'import', 'images', 'src'], /--name/],
    [[...images, '--size', '7'], /--size is 7; accepted: a whole number from 8 to 512/],
    [[...images, '--fit', 'cover'], /--fit is "cover"; accepted: one of: crop, stretch, pad/],
    [[...images, '--validation', '1'], /--validation is 1; accepted: a number between 0 and 1/],
    [[...images, '--labels', 'no.csv'], /--labels is "no.csv"; accepted: a list of labels/],
    [['datasets', 'import', 'images', 'nowhere', '--name', 'x'], /PATH is "nowhere"; accepted/],
    [[...train, '--what'], /unknown option/],
    [[...train, 'extra'], /too many arguments/],
    [[...train, '--epochs', '0'], /--epochs is 0; accepted: a whole number from 1 to 200/],
    [[...train, '--epochs', 'many'], /--epochs is "many"; accepted: a whole number/],
    [[...train, '--epochs', '1.5'], /--epochs is 1.5/],
    [[...train, '--removal', '1.5'], /--removal is 1.5; accepted: a number from 0 to 1/],
    [[...train, '--train-limit', '3'], /--train-limit is 3/],
    [[...train, '--seed', '-1'], /--seed is -1/],
    [[...train, '--fill', 'pink'], /--fill is "pink"; accepted: .*image-mean/],
    [[...train, '--learning-rate', '0'], /--learning-rate is 0/],
    [[...roar, '--images', '0'], /--images is 0; accepted: a whole number from 1 to 10000/],
    [[...roar, '--levels', '0.1,0.5'], /--levels is .*; accepted: levels that start at 0/],
    [[...roar, '--levels', '0,0.5,0.3'], /--levels is .*ascending/],
    [
      [...roar, '--levels', '0,0.3,0.30000000000000004'],
      /--levels is \[0,0\.3,0\.30000000000000004\]; .* \(0\.3 and 0\.30000000000000004 both remove 235 of 784\)/,
    ],
    [[...roar, '--levels', '0,1e-10'], /--levels is .*\(0 and 1e-10 both remove 0 of 784\)/],
    [
      [...roar, '--protocol', 'retrain', '--levels', '0,0.9995,1'],
      /--levels is .*\(0\.9995 and 1 both remove 784 of 784\)/,
    ],
    [[...train, '--removal', '1e-10'], /--removal is 1e-10; .*1e-10 and 0 both remove 0 of 784/],
    [[...roar, '--levels', '0,x'], /--levels is "x"/],
    [[...roar, '--seed', 'x'], /--seed is "x"/],
    [[...roar, '--train-seed', 'x'], /--train-seed is "x"/],
    [[...roar, '--preset', 'huge'], /--preset is "huge"; accepted: one of quick, paper/],
    [[...roar, '--protocol', 'hooker'], /--protocol is "hooker"; accepted: one of: paper, retrain/],
    [
      [...roar, '--protocol', 'retrain', '--repetitions', '0'],
      /--repetitions is 0; accepted: a whole number from 1 to 20/,
    ],
    [[...roar, '--optimiser', 'lion'], /--optimiser is "lion"; accepted: one of: adam, sgd/],
    [[...roar, '--weight-decay', '0.1'], /--weight-decay is 0.1; accepted: 0 with adam/],
    [[...roar, '--schedule', 'cosine'], /--schedule .*constant, step or one-cycle/],
    [[...roar, '--schedule', 'step', '--step-every', '0'], /--step-every is 0/],
    [[...roar, '--step-factor', '0.5'], /--step-factor is "0.5"; accepted: nothing without --sch/],
    [[...train, '--augment-flip', 'maybe'], /--augment-flip is "maybe"; accepted: true or false/],
    [
      [...train, '--crop', '30'],
      /--crop is 30; accepted: at most 28, the shorter side of the images/,
    ],
    [[...train, '--resize', '20', '--crop', '24'], /--crop is 24; .*20, .* once they are resized/],
    [[...train, '--crop', '4'], /--crop is 4; accepted: a whole number from 8 to 1024/],
    [[...roar, '--crop', '30'], /--crop is 30; accepted: at most 28/],
    [
      [...train, '--train-layers', 'last'],
      /--train-layers is "last"; accepted: nothing without --i/,
    ],
    [[...train, '--mean', '0.1'], /--mean is "0.1"; accepted: nothing without --init/],
    [[...roar, '--init-preset', 'torchvision'], /--init-preset is .*; accepted: nothing without/],
    [[...train, '--init', 'x', '--mean', '0,0,0'], /--mean is .*; accepted: one number/],
    [[...roar, '--init', 'x', '--mean', '0.1'], /--std is null; accepted: .*go together/],
    [[...train, '--init', 'x', '--init-preset', 'x'], /--init-preset is "x"; accepted: torchvis/],
    [
      [...roar, '--init', 'x', '--init-preset', 'torchvision'],
      /--init-preset is "torchvision"; accepted: none for images of 1 channel/,
    ],
    [[...weights, '--resize', '20', '--crop', '24'], /--crop is 24; .*8 to 20, .*, or none/],
    [[...train, '--augment-padding', '64'], /--augment-padding is 64/],
    [[...train, '--stem', 'large'], /--stem is "large"; accepted: one of: imagenet, small/],
    [[...roar, '--set', 'sigma'], /--set is "sigma"; accepted: name=value/],
    [[...roar, '--set', 'sgima=0.2'], /--set is "sgima=0.2"; accepted: name=value.*sigma/],
    [[...roar, '--set', 'sigma=9'], /--set sigma is 9; accepted: a number from 0 to 5/],
    [[...roar, '--set', 'quadrature=simpson'], /--set quadrature is "simpson"/],
    [[...roar, '--methods', 'lime'], /--methods is "lime"; accepted: all, .*smoothgrad/],
    [[...roar, '--methods', ','], /--methods is ","/],
    [[...maps, '--set', 'steps=0'], /--set steps is 0; accepted: a whole number from 1 to 500/],
    [[...maps, '--model', 'best'], /--model is "best"; accepted: a model id/],
    [['maps', '--dataset', 'mnist', '--images', '9-3', '--out', 'x'], /--images is "9-3"/],
    [['maps', '--dataset', 'mnist', '--images', '1,a', '--out', 'x'], /--images is "a"/],
    [['maps', '--dataset', 'mnist', '--images', '0-20000', '--out', 'x'], /at most 10000/],
    [
      ['datasets', 'install', 'tiny-imagenet', '--from', 'package'],
      /--from is "package"; accepted: one of download/,
    ],
    [['datasets', 'import', 'cifar10'], /path/],
    [['models', 'import', 'x'], /--dataset/],
    [[...weights, '--network', 'resnet5'], /--network is "resnet5"; accepted: mnist-cnn/],
    [[...weights, '--name', ' '], /--name is " "; accepted: a name of 1 to 80 characters/],
    [[...weights, '--mean', '0,0,0'], /--mean is .*; accepted: one number/],
    [[...weights, '--mean', '0.1', '--std', '0'], /--std is \[0\]; accepted: numbers above 0/],
    [[...weights, '--mean', '0.1'], /--std is null; accepted: .*go together/],
    [weights, /FILE is "no-such.safetensors"; accepted: a file that can be read/],
    [['models', 'export', 'best', '--out', 'x'], /ID is "best"; accepted: a model id/],
    [
      ['datasets', 'import', 'cifar10', 'x', '--classes', 'cat'],
      /--classes is .*; accepted: at least two classes/,
    ],
    [
      ['datasets', 'install', 'cifar10', '--per-class', '0'],
      /--per-class is 0; accepted: a whole number from 1/,
    ],
    [['tables', '--study', 'x'], /--format/],
    [['tables', '--format', 'csv'], /--study/],
    [
      ['tables', '--study', 'x', '--format', 'pdf'],
      /--format is "pdf"; accepted: one of csv, latex/,
    ],
    [['tables', '--study', 'x', '--format', 'png'], /--out is missing; accepted: a file/],
    [['tables', '--study', 'x', '--format', 'csv', '--experience', 'old'], /--experience is "old"/],
    [
      ['tables', '--study', 'x', '--format', 'csv', '--exclude-failed', '0'],
      /--exclude-failed is 0; accepted: a whole number of at least 1/,
    ],
    [
      ['tables', '--study', 'x', '--format', 'csv', '--from', 'May'],
      /--from is "May"; accepted: a date such as/,
    ],
    [
      [...tables, '--from', '2026-02-01', '--to', '2026-01-31'],
      /--to is "2026-01-31"; accepted: a day from 2026-02-01 on/,
    ],
    [[...roar, '--methods', ''], /--methods is ""; accepted: all, .*smoothgrad/],
    [[...roar, '--methods', 'smoothgrad,lime'], /--methods is "lime"; accepted: all, .*smoothgrad/],
    [[...roar, '--methods', '"smoothgrad'], /--methods is .*; accepted: names parted by commas/],
    [['maps', '--dataset', 'mnist', '--images', '', '--out', 'x'], /--images is ""; accepted: ind/],
    [
      ['datasets', 'install', 'cifar10', '--classes', '"cat,dog'],
      /--classes is .*; accepted: names parted by commas/,
    ],
    [['ratings'], /Usage/],
    [['ratings', 'import'], /missing required argument/],
    [
      ['ratings', 'import', '/no/such/file.csv'],
      /FILE is "\/no\/such\/file.csv"; accepted: a file/,
    ],
    [['ratings', 'erase', '--study', 'x'], /--rater/],
    [['studies', 'import', '/no/such/file.zip'], /FILE is .*file.zip"; accepted: a file/],
    [['studies', 'import', '.'], /FILE is ".*"; accepted: an archive/] as never,
    [['export', '--study', 'x'], /--out/],
    [['restore'], /missing required argument/],
    [['datasets', 'install', 'svhn'], /NAME is "svhn"; accepted: one of: mnist/],
    [['reproduce', '--out', 'x', '--datasets', ','], /--datasets is ","; accepted: one of: mnist/],
    [['reproduce', '--out', 'x', '--datasets', 'mnist,svhn'], /--datasets is "svhn"; .*cifar10/],
  ])('%j', async (argv, message) => {
    const plain = await cli(argv);
    expect(plain.exit).toBe(2);
    expect(plain.stderr).toMatch(message);
    expect(plain.stdout).toBe('');
    expect(plain.opened).toEqual([]);
    const json = await cli([...argv, '--json']);
    expect(json.exit).toBe(2);
    expect(json.json()).toMatchObject({ error: { code: 'invalid-input' } });
  });

  test('no command at all', async () => {
    const ran = await cli([]);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toContain('Usage');
    expect(ran.stdout).toBe('');
  });
});

describe('a dataset that is neither known nor here is bad usage too', () => {
  test.each<[string[], RegExp]>([
    [['train', '--dataset', 'imagenet'], /--dataset is "imagenet"; accepted: one of: mnist/],
    [['datasets', 'verify', 'svhn'], /NAME is "svhn"; accepted: one of: mnist, cifar10, tiny-/],
    [
      ['models', 'import', 'package.json', '--dataset', 'svhn'],
      /--dataset is "svhn"; accepted: one of: mnist/,
    ],
  ])('%j', async (argv, message) => {
    const ran = await cli(argv, { app: stubApp() });
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toMatch(message);
    expect(ran.closed).toBe(1);
  });
});

describe('help', () => {
  test.each([[], ['train'], ['maps'], ['roar'], ['datasets'], ['doctor']])(
    'of %s has examples and is no failure',
    async (...command) => {
      const ran = await cli([...command, '--help']);
      expect(ran.exit).toBe(0);
      expect(ran.stdout).toContain('npm run --silent cli --');
      expect(ran.stderr).toBe('');
    },
  );

  test('says of each setting what is accepted and what stands without it', async () => {
    const help = async (command: string) =>
      (await cli([command, '--help'])).stdout.replaceAll(/\s+/g, ' ');
    const train = await help('train');
    expect(train).toContain('--removal <number> level t: share of pixels removed at random');
    expect(train).toContain('--mask <name> random removal: fixed, redrawn (default: fixed)');
    expect(train).toContain('noisy-linear (default: image-mean)');
    const roar = await help('roar');
    expect(roar).toContain('--levels <list> levels: of removal, ascending from 0');
    expect(roar).toContain('--repetitions <number> repetitions: models for each method and level');
    expect(roar).toContain('dropout (default: that of --seed)');
  });

  test('names the exit codes', async () => {
    expect((await cli(['--help'])).stdout).toContain('130 interrupted');
  });
});

describe('global options', () => {
  const app = stubApp({ 'datasets.list': () => [dataset()] });

  test.each([
    [['--data', '/elsewhere', 'datasets', 'list']],
    [['datasets', 'list', '--data', '/elsewhere']],
    [['datasets', '--data', '/elsewhere', 'list']],
  ])('--data may stand anywhere: %j', async (argv) => {
    const ran = await cli(argv, { app });
    expect(ran.exit).toBe(0);
    expect(ran.opened).toEqual([{ dataDir: '/elsewhere', access: 'read' }]);
  });

  test('the user’s own data directory is the default', async () => {
    expect((await cli(['datasets', 'list'], { app })).opened[0]?.dataDir).toBe('/the/default');
  });

  test('--json puts one object on stdout and nothing else', async () => {
    const ran = await cli(['--json', 'datasets', 'list'], { app });
    expect(ran.json()).toMatchObject({ command: 'datasets list', datasets: [{ id: 'mnist' }] });
    const text = await cli(['datasets', 'list'], { app });
    expect(text.stdout).toMatch(/mnist +installed +60000 +10000/);
  });
});
