import { type DatasetFacts, type Split } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { refuse } from '../../../shared/errors';
import { formatCount } from '../../../shared/format/counts';
import { countIn, isIn, rangesText } from '../../../shared/index-ranges';
import { type Looked, sightWords } from '../../../shared/model-input';
import { type ModelRecord } from '../../../shared/records';
import { type ImportedMaps } from './imported-maps';

/** Refuses a method whose maps are of another dataset; names its place in the field. */
export function requireOfDataset(
  methods: readonly Method[],
  { id, name }: Pick<DatasetFacts, 'id' | 'name'>,
  field: string,
): void {
  methods.forEach(({ id: method, name: called, imported }, i) => {
    if (!imported || imported.dataset === id) return;
    const what = `a method of ${name}: the maps of ${called} were made elsewhere, of ${imported.dataset}`;
    throw refuse(`${field}.${i}`, method, what);
  });
}

/** Refuses a method whose maps are of another model, or of more of an image than a model sees. */
export function requireOfModel(
  methods: readonly Method[],
  model: Pick<ModelRecord, 'id' | 'name'> | null,
  field: string,
  input: Looked | null,
): void {
  const sight = sightWords(input);
  methods.forEach(({ id, name, imported }, i) => {
    if (imported?.model === null && sight !== null) {
      const seen = model?.name ?? 'the model that is to be trained';
      const what = `a method whose maps are of images as ${seen} sees them (${sight}): those of ${name} are of whole images`;
      throw refuse(`${field}.${i}`, id, what);
    }
    if (!imported?.model || imported.model === model?.id) return;
    const explained = model === null ? 'the model that is to be trained' : model.name;
    const what = `a method whose maps explain ${explained}: those of ${name} were made elsewhere, of the model ${imported.model}`;
    throw refuse(`${field}.${i}`, id, what);
  });
}

/** Those of the methods that were made elsewhere, in words: `LIME` or `LIME and SHAP`. */
export const importedNames = (methods: readonly Method[]): string =>
  methods.flatMap(({ name, imported }) => (imported ? [name] : [])).join(' and ');

/** How many images of the validation split can be taken: those that all methods have maps of. */
export function mostImages(
  importedMaps: ImportedMaps,
  methods: readonly Method[],
  validation: number,
): { readonly most: number; readonly why: string } {
  const covered = importedMaps.coveredByAll(methods, 'validation');
  if (covered === null) return { most: validation, why: '' };
  const all = methods.filter(({ imported }) => imported).length > 1 ? 'all have' : 'has';
  const of = covered.length === 0 ? 'none' : `images ${rangesText(covered)} alone`;
  const why = `; of the validation images ${importedNames(methods)} ${all} maps of ${of}`;
  return { most: countIn(covered), why };
}

/** Refuses, naming the method and the first image, where a method made elsewhere lacks one of some images. */
export function requireEvery(
  importedMaps: ImportedMaps,
  methods: readonly Method[],
  split: Split,
  images: ArrayLike<number>,
  field: string,
  what: string,
): void {
  methods.forEach((method, i) => {
    if (!method.imported) return;
    const covered = importedMaps.covered(method, split);
    for (let at = 0; at < images.length; at += 1) {
      const image = images[at];
      if (image === undefined || isIn(covered, image)) continue;
      const there = formatCount(countIn(covered));
      throw refuse(
        `${field}.${i}`,
        method.id,
        `a method that has maps of ${what}: the maps of ${method.name} were made elsewhere, and of the ${split} images they cover ${there}, ${split} image ${image} not among them`,
      );
    }
  });
}
