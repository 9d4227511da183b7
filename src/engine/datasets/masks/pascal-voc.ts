import sax from 'sax';
import { decodeText } from '../../../shared/text-encoding';
import { UnreadableImage } from '../images/decode';
import { type Box, type BoxedImage } from './boxes';

/** Bytes of an annotation: a thousand objects have fewer. */
export const maxVocBytes = 4 * 2 ** 20;

/**
 * Boxes as Pascal VOC has them, one XML file an image: `xmin` to `xmax` and `ymin` to `ymax` count from 1 and
 * are both within the box. Entities and document types mean nothing here.
 *
 * @throws UnreadableImage where it is no such XML
 */
export function readPascalVoc(bytes: Uint8Array): BoxedImage {
  const decoded = decodeText(bytes);
  if ('reason' in decoded) throw new UnreadableImage(decoded.reason);
  const values = valuesOf(decoded.text);
  const boxes = values.objects.map(boxOf);
  const [width, height] = [values.size.get('width'), values.size.get('height')];
  const sides = [width, height].map((side) => (side === undefined ? 0 : numberOf('size', side)));
  const [w = 0, h = 0] = sides;
  return { size: w > 0 && h > 0 ? { width: w, height: h } : null, boxes };
}

interface Values {
  readonly size: Map<string, string>;
  readonly objects: Map<string, string>[];
}

const deepest = 8;

/** The texts of `annotation/size/…`, `annotation/object/name` and `annotation/object/bndbox/…`. */
function valuesOf(text: string): Values {
  const values: Values = { size: new Map(), objects: [] };
  const path: string[] = [];
  let within = '';
  const parser = sax.parser(true, { trim: true });
  parser.onerror = (error) => {
    throw new UnreadableImage(`it is no XML (${error.message.split('\n', 1)[0] ?? ''})`);
  };
  parser.onopentag = ({ name }) => {
    path.push(name);
    within = '';
    if (path.length > deepest) throw new UnreadableImage('its elements lie too deep');
    if (path.length === 1 && name !== 'annotation') {
      throw new UnreadableImage(`its first element is ${name}, not annotation`);
    }
    if (path.join('/') === 'annotation/object') values.objects.push(new Map());
  };
  parser.ontext = (piece) => {
    within += piece;
  };
  parser.onclosetag = (name) => {
    const place = path.slice(1, -1).join('/');
    const target = place === 'size' ? values.size : values.objects.at(-1);
    if (target && ['size', 'object/bndbox'].includes(place)) target.set(name, within);
    else if (place === 'object' && name === 'name') target?.set('name', within);
    within = '';
    path.pop();
  };
  parser.write(text).close();
  if (path.length > 0 || !/<annotation[\s>/]/.test(text)) {
    throw new UnreadableImage('it is no annotation of Pascal VOC');
  }
  return values;
}

function boxOf(object: ReadonlyMap<string, string>): Box {
  const corner = (name: string): number => {
    const text = object.get(name);
    if (text === undefined) throw new UnreadableImage(`an object of it has no ${name}`);
    return numberOf(name, text);
  };
  const [left, top] = [corner('xmin') - 1, corner('ymin') - 1];
  const [width, height] = [corner('xmax') - left, corner('ymax') - top];
  return { name: object.get('name') ?? null, left, top, width, height };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return value;
  throw new UnreadableImage(`its ${name} is ${JSON.stringify(text)}, no number`);
}
