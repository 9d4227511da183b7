// @ts-check
/**
 * Make an archive of Tiny ImageNet's full size out of a cut of it, to measure an import without the
 * whole dataset: the cut's images come again under other names and classes.
 *
 *   node bench/make-tiny-imagenet.mjs --from CUT.zip --out FULL.zip
 *     [--classes 200] [--train 500] [--validation 10000]
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import yauzl from 'yauzl';
import { ZipFile } from 'yazl';

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    out: { type: 'string' },
    classes: { type: 'string', default: '200' },
    train: { type: 'string', default: '500' },
    validation: { type: 'string', default: '10000' },
  },
});
const [classes = 0, train = 0, validation = 0] = [
  values.classes,
  values.train,
  values.validation,
].map(Number);
if (!values.from || !values.out || ![classes, train, validation].every((n) => n > 0)) {
  console.error(
    'Usage: node bench/make-tiny-imagenet.mjs --from CUT.zip --out FULL.zip [--classes 200] [--train 500] [--validation 10000]',
  );
  process.exit(2);
}

/**
 * JPEGs of each class of the cut, by its folder under train/.
 * @type {Map<string, Buffer[]>}
 */
const images = new Map();
const zip = await yauzl.openPromise(values.from);
for await (const entry of zip.eachEntry()) {
  const id = /(?:^|\/)train\/([^/]+)\/images\/[^/]+\.JPEG$/.exec(entry.fileName)?.[1];
  if (!id) continue;
  const bytes = await buffer(await zip.openReadStreamPromise(entry));
  images.set(id, [...(images.get(id) ?? []), bytes]);
}
const sources = [...images.values()];
if (sources.length === 0) {
  console.error(`${values.from} has no train/*/images/*.JPEG.`);
  process.exit(1);
}

const root = 'tiny-imagenet-200';
/** @param {number} label */
const wnid = (label) => `n${String(10_000_000 + label)}`;
/**
 * @param {number} label
 * @param {number} index
 */
const jpeg = (label, index) => {
  const source = sources[label % sources.length] ?? [];
  return source[index % source.length] ?? Buffer.alloc(0);
};
/**
 * @param {number} count
 * @param {(index: number) => string} line
 */
const lines = (count, line) =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${line(i)}\n`).join(''));
const out = new ZipFile();
const mtime = new Date(1980, 0, 1);
/**
 * One after another: all at once they would be compressed in memory together.
 * @param {string} name
 * @param {Buffer} bytes
 */
const add = (name, bytes) =>
  out.addReadStreamLazy(`${root}/${name}`, { mtime, size: bytes.length }, (done) =>
    done(null, Readable.from([bytes])),
  );
add('wnids.txt', lines(classes, wnid));
add(
  'words.txt',
  lines(classes, (label) => `${wnid(label)}\tthing ${label}`),
);
for (let label = 0; label < classes; label += 1) {
  const id = wnid(label);
  /** @param {number} index */
  const name = (index) => `${id}_${index}.JPEG`;
  add(
    `train/${id}/${id}_boxes.txt`,
    lines(train, (index) => `${name(index)}\t0\t0\t63\t63`),
  );
  for (let index = 0; index < train; index += 1) {
    add(`train/${id}/images/${name(index)}`, jpeg(label, index));
  }
}
/** @param {number} index */
const annotation = (index) => `val_${index}.JPEG\t${wnid(index % classes)}\t0\t0\t63\t63`;
add('val/val_annotations.txt', lines(validation, annotation));
for (let index = 0; index < validation; index += 1) {
  add(`val/images/val_${index}.JPEG`, jpeg(index % classes, index));
}
out.end();
await pipeline(out.outputStream, createWriteStream(values.out));
console.log(
  `${values.out}: ${classes} classes, ${classes * train} training and ${validation} validation images`,
);
